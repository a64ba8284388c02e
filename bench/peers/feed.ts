import type { Context, KinesisStreamRecord } from 'aws-lambda';
import type { Started } from './design.ts';

/** What feeding took. */
export interface Fed {
  /** CPU time of the process in its handler, all threads. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Records that were delivered again since the handler said so. */
  readonly again: number;
}

const attemptsMax = 20;
const invocationMs = 60_000;

/**
 * Feeds batches as Lambda does: on failures, once more from the first of them on.
 *
 * @throws Error when a batch fails for ever, or what the handler throws.
 */
export async function feed(
  { handler }: Pick<Started, 'handler'>,
  batches: Iterable<KinesisStreamRecord[]>,
): Promise<Fed> {
  let [cpuMs, wallMs, again] = [0, 0, 0];
  for (const batch of batches) {
    let Records = batch;
    for (let attempt = 0; Records.length > 0; attempt += 1) {
      if (attempt === attemptsMax) throw new Error('a batch fails for ever');
      const until = Date.now() + invocationMs;
      const context = { getRemainingTimeInMillis: () => until - Date.now() } as Context;
      const [from, before] = [performance.now(), process.cpuUsage()];
      const answer = await handler({ Records }, context);
      const { user, system } = process.cpuUsage(before);
      wallMs += performance.now() - from;
      cpuMs += (user + system) / 1_000;
      const failed = new Set(answer?.batchItemFailures.map((one) => one.itemIdentifier));
      const first = Records.findIndex(({ kinesis }) => failed.has(kinesis.sequenceNumber));
      if (first === -1 && failed.size > 0) throw new Error('a failure of no record');
      Records = first === -1 ? [] : Records.slice(first);
      again += Records.length;
    }
  }
  return { cpuMs, wallMs, again };
}
