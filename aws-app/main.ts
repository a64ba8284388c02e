import { env } from 'node:process';
import { pipelines } from '../pipelines/index.ts';
import { handlersOf } from './app.ts';

export const { process, ingest, query, maintain, poison } = handlersOf(env, pipelines);
