/** The same app with a bug of the simulation's zoo in it: what a test can't miss. */
import { bugs } from '../../simulation/bugs.ts';
import { install } from '../../simulation/patch.ts';

const planted = bugs.find(({ id }) => id === process.env['BUG']);
if (planted === undefined) throw new Error(`There is no bug '${process.env['BUG']}'.`);
for (const patch of planted.patches) install(patch);
await import('./app.ts');
