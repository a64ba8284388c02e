import { parentPort, workerData } from 'node:worker_threads';
import { bugs } from './bugs.ts';
import { addOutcome, emptySum } from './figures.ts';
import { install } from './patch.ts';

/** What a worker is to do: seeds [from, to) in chunks that it takes from a counter shared by all workers. */
export interface Task {
  readonly from: number;
  readonly to: number;
  /** One cell: the next seed that nobody has taken. */
  readonly next: Int32Array;
  /** A planted bug; the worker then stops at its first failure. */
  readonly bug: string | null;
}

const chunkSeeds = 50;
const { from, to, next, bug }: Task = workerData;

// Stack traces cost more than all the rest of an error that is expected.
Error.stackTraceLimit = 0;
if (bug !== null) {
  const found = bugs.find(({ id }) => id === bug);
  if (found === undefined) throw new Error(`there is no bug '${bug}'`);
  for (const patch of found.patches) install(patch);
}
// Only now, since a bug must be in place before the core is loaded.
const { runSeed } = await import('./schedule.ts');

let stopped = false;
while (!stopped) {
  const first = from + Atomics.add(next, 0, chunkSeeds);
  if (first >= to) break;
  const sum = emptySum();
  for (let seed = first; seed < Math.min(to, first + chunkSeeds) && !stopped; seed += 1) {
    addOutcome(sum, await runSeed(seed));
    stopped = bug !== null && sum.failures.length > 0;
  }
  parentPort?.postMessage(sum);
}
