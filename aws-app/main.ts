import { env } from 'node:process';
import { pipelines } from '../pipelines/index.ts';
import { handlersOf } from './app.ts';

/** The handlers of the functions, under the names by which the template asks for them. */
export const { process, ingest, query, maintain, poison } = handlersOf(env, pipelines);
