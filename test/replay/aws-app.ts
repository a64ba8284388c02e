/** The AWS app with the pipeline of the profile that is shipped. */
import { env } from 'node:process';
import { handlersOf } from '../../aws-app/app.ts';
import { clicks } from '../../bench/clicks.ts';

export const { process, ingest, query, maintain, poison } = handlersOf(env, [clicks]);
