import { parentPort, workerData } from 'node:worker_threads';
import { type Coverage, crashRun, jobOf, jobsOf } from './crash-run.ts';
import { addOutcome, emptySum } from './figures.ts';

/** What a worker is to do: jobs that it takes from a counter shared by all workers. */
export interface CrashTask {
  readonly steps: number;
  readonly coverage: Coverage;
  readonly next: Int32Array;
}

const chunkJobs = 50;
const { steps, coverage, next }: CrashTask = workerData;
const jobs = jobsOf(steps, coverage);

Error.stackTraceLimit = 0;
for (;;) {
  const first = Atomics.add(next, 0, chunkJobs);
  if (first >= jobs) break;
  const sum = emptySum();
  for (let job = first; job < Math.min(jobs, first + chunkJobs); job += 1) {
    addOutcome(sum, { ...(await crashRun(jobOf(job, steps, coverage))), seed: job });
  }
  parentPort?.postMessage(sum);
}
