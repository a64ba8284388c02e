import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { addSum, emptySum, type Sum } from './figures.ts';
import type { Task } from './worker.ts';

/** How a range of seeds is run. */
export interface Range {
  readonly from: number;
  readonly count: number;
  readonly bug?: string | null;
  /** Default: one per core. */
  readonly workers?: number;
  /** Told after every chunk of seeds. */
  readonly progress?: (sum: Sum) => void;
}

/** Runs seeds from..from+count-1 in worker threads and adds them up: the result does not depend on their number. */
export async function runSeeds({
  from,
  count,
  bug = null,
  workers,
  progress,
}: Range): Promise<Sum> {
  const sum = emptySum();
  const next = new Int32Array(new SharedArrayBuffer(4));
  const task: Task = { from, to: from + count, next, bug };
  const threads = workers ?? availableParallelism();
  await Promise.all(
    Array.from({ length: threads }, () =>
      work(task, (part) => {
        addSum(sum, part);
        progress?.(sum);
      }),
    ),
  );
  return sum;
}

function work(task: Task, take: (sum: Sum) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
    worker.on('message', take);
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker ended with code ${code}`));
    });
  });
}
