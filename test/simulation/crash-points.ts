import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Coverage, crashRun, jobOf, jobsOf } from './crash-run.ts';
import type { CrashTask } from './crash-worker.ts';
import { addSum, emptySum, type Sum, table } from './figures.ts';

/** What the replays of one run with faults came to. */
export interface CrashPoints {
  /** Effects of the clean run that faults can strike. */
  readonly steps: number;
  readonly singles: number;
  /** Pairs of steps, and runs with two faults. */
  readonly pairs: number;
  readonly doubles: number;
  readonly sum: Sum;
}

/** Replays the clean run with a fault at every step and with faults at every pair of steps, in worker threads. */
export async function crashPoints(coverage: Coverage): Promise<CrashPoints> {
  const { strikable: steps, failure } = await crashRun([]);
  if (failure !== null) throw new Error(`the clean run fails: ${failure}`);
  const task: CrashTask = { steps, coverage, next: new Int32Array(new SharedArrayBuffer(4)) };
  const sum = emptySum();
  await Promise.all(Array.from({ length: availableParallelism() }, () => work(task, sum)));
  const singles = steps * 4;
  const pairs = (steps * (steps - 1)) / 2;
  return { steps, singles, pairs, doubles: jobsOf(steps, coverage) - singles, sum };
}

function work(task: CrashTask, sum: Sum): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./crash-worker.ts', import.meta.url), { workerData: task });
    worker.on('message', (part: Sum) => addSum(sum, part));
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker ended with code ${code}`));
    });
  });
}

/** The counts in words. */
export function told({ steps, singles, pairs, doubles, sum }: CrashPoints): string {
  return (
    `${steps} steps; ${singles} runs with one fault, ${doubles} with two at ${pairs} pairs of steps; ` +
    `${sum.failures.length === 0 ? 'no failure' : `failed jobs ${sum.failures.map(({ seed }) => seed).join(', ')}`}`
  );
}

if (import.meta.main) {
  const [argument, value] = process.argv.slice(2);
  const coverage = argument === '--all' || value === '--all' ? 'all' : 'some';
  if (argument === '--job') {
    const { strikable } = await crashRun([]);
    const strikes = jobOf(Number(value), strikable, 'some');
    const { trace, failure } = await crashRun(strikes, true);
    console.log([...(trace ?? []), JSON.stringify(strikes), failure ?? 'no failure'].join('\n'));
  } else {
    const points = await crashPoints(coverage);
    console.log(table(points.sum));
    for (const { seed, what } of points.sum.failures) console.log(`FAILED: job ${seed}: ${what}`);
    console.log(told(points));
    if (points.sum.failures.length > 0) process.exitCode = 1;
  }
}
