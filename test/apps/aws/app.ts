/** The AWS app with the pipelines that a test asks for. */
import { env } from 'node:process';
import { handlersOf } from '../../../aws-app/app.ts';
import { pipelinesOf } from '../pipeline-sets.ts';

const handlers = handlersOf(env, pipelinesOf(env['PIPELINES'] ?? ''));
export const { process, ingest, query, maintain, poison } = handlers;
