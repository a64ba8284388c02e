/** The same app with a bug of the simulation's zoo in it: what a test can't miss. */
import { env } from 'node:process';
import { bugs } from '../../simulation/bugs.ts';
import { install } from '../../simulation/patch.ts';

const planted = bugs.find(({ id }) => id === env['BUG']);
if (planted === undefined) throw new Error(`There is no bug '${env['BUG']}'.`);
for (const patch of planted.patches) install(patch);
export const { process, ingest, query, maintain, poison } = await import('./app.ts');
