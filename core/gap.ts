import { MillraceError } from './errors.ts';
import type { StreamRecord } from './event.ts';
import type { PartitionState } from './journal/state.ts';
import type { StreamReader } from './ports/stream-reader.ts';

/** Records that come next in a journal, and how many before them the stream no longer has. */
export interface Due {
  readonly records: readonly StreamRecord[];
  readonly lost: number;
}

/** Records read at once to fill a gap. */
const gapRecordsMax = 1_000;

/**
 * What a journal must fold before a batch, or the batch itself. Positions of a contiguous stream have no gaps, so a
 * batch that starts behind the journal's next position is proof that records were never processed: some hosts move
 * on although an invocation failed. Those records are read from the stream first.
 *
 * @throws MillraceError `unavailable` when the stream holds them but doesn't give them: to be repeated.
 */
export async function dueRecords(
  stream: StreamReader,
  partition: string,
  { next }: Pick<PartitionState, 'next'>,
  batch: readonly StreamRecord[],
): Promise<Due> {
  const first = batch[0];
  if (!stream.contiguous || first === undefined || first.position <= next.position) {
    return { records: batch, lost: 0 };
  }
  const gap = first.position - next.position;
  const limit = gap < gapRecordsMax ? Number(gap) : gapRecordsMax;
  const { records } = await stream.read(partition, next.position, limit);
  const missing = records.filter(({ position }) => position < first.position);
  const found = missing[0]?.position ?? first.position;
  if (found === next.position) return { records: missing, lost: 0 };
  const { earliest } = await stream.bounds(partition);
  // Only what lies before the oldest record is lost; anything else was a short read.
  if (earliest < found) {
    throw new MillraceError(
      'unavailable',
      `partition ${partition}: records ${next.position} to ${found - 1n} were not read`,
    );
  }
  return {
    records: missing.length > 0 ? missing : batch,
    lost: Number(found - next.position),
  };
}

/**
 * Whether a batch shows that the stream was made anew: its first record stands before the journal's next position
 * but arrived after all that the journal holds, so it is no redelivery.
 */
export function isRemade(
  stream: StreamReader,
  { next, arrival }: Pick<PartitionState, 'next' | 'arrival'>,
  batch: readonly StreamRecord[],
): boolean {
  const first = batch[0];
  if (!stream.contiguous || first === undefined || arrival === 0) return false;
  return first.position < next.position && first.arrival > arrival;
}

/**
 * Whether nothing of a batch can go into a journal any more, since the stream was made anew: positions start over in
 * its next epoch. A partition that was split or merged gets redeliveries, but never a newer record.
 */
export function isOver(
  { end, next }: Pick<PartitionState, 'end' | 'next'>,
  batch: readonly StreamRecord[],
): boolean {
  const last = batch.at(-1);
  const isNewer = last !== undefined && last.position >= next.position;
  return end === 'closed' || (end === 'drained' && isNewer);
}
