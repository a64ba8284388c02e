import type { StreamRecord } from '../event.ts';

/** A partition of the stream. `parents` are those it was split or merged from, if the platform still knows. */
export interface PartitionInfo {
  readonly id: string;
  readonly parents: readonly string[];
}

/** Records of a partition, ascending, and what is known about those behind them. */
export interface StreamRead {
  readonly records: StreamRecord[];
  /** There was nothing newer. */
  readonly caughtUp: boolean;
  /** Nothing will ever be newer: the partition was split or merged, and its children go on. */
  readonly ended: boolean;
}

/** What a partition holds now. An empty one has `latest` = `earliest` - 1. */
export interface Bounds {
  /** Position of the oldest record kept or, if none is, of the next one to come. */
  readonly earliest: bigint;
  /** Position of the newest record; null where the platform doesn't tell. */
  readonly latest: bigint | null;
}

/**
 * Reads the stream by position, for the embedded loop and for repairs.
 *
 * - Nothing there: `read` gives no records; with `caughtUp` there is nothing newer either.
 * - An unknown partition is an error `request`.
 * - Errors: `throttled`, `unavailable`.
 * - Concurrent calls are safe. A short answer says nothing: only `caughtUp` does.
 */
export abstract class StreamReader {
  /** Whether the positions of a partition have no gaps, so that a gap shows that records were skipped. */
  abstract readonly contiguous: boolean;
  /** All partitions, in the order of their index. */
  abstract partitions(): Promise<PartitionInfo[]>;
  abstract bounds(partition: string): Promise<Bounds>;
  /** At most `limit` records from the first one at or after `from` on, ascending. */
  abstract read(partition: string, from: bigint, limit: number): Promise<StreamRead>;
}
