import { isLive, type Seen } from '../dedupe/seen.ts';
import type { Cursor } from '../event.ts';
import { addCounts, type Counts } from './counts.ts';
import { type End, type EntryHead, endOf } from './entry.ts';
import { type Inherited, liveOf } from './inherited.ts';

/** For how long an entry's fingerprints matter: its index and the last bucket it has ids of. */
export interface HorizonMark {
  readonly index: number;
  readonly bucket: number;
}

/** A partition as the fold of its entries 0 to `index`. `seen` is changed by `advance`, so a state has one owner. */
export interface PartitionState {
  readonly index: number;
  readonly next: Cursor;
  readonly watermark: number;
  /** Arrival of the last record, epoch milliseconds. */
  readonly arrival: number;
  readonly counts: Counts;
  /** Why nothing comes after; null while something may. */
  readonly end: End | null;
  readonly seen: Seen;
  /** Entries that hold the last id of some bucket before any later one does, oldest first (see `markHorizon`). */
  readonly horizon: readonly HorizonMark[];
  /** Entries of other partitions with live ids. */
  readonly inherited: readonly Inherited[];
}

/** The state after one more entry. Takes over the state's `seen`: the old state is void. */
export function advance(state: PartitionState, entry: EntryHead): PartitionState {
  entry.fingerprints.addTo(state.seen, entry.watermark);
  return {
    index: entry.index,
    next: entry.next,
    watermark: entry.watermark,
    arrival: entry.arrival,
    counts: addCounts(state.counts, entry.counts),
    end: endOf(entry),
    seen: state.seen,
    horizon: markHorizon(state.horizon, entry, state.seen),
    inherited: liveOf([...state.inherited, ...entry.inherited], state.seen, entry.watermark),
  };
}

/**
 * Marks for the oldest entry with a live fingerprint. An entry whose last bucket is no later than that of an
 * older one dies no later than it, so only the records of the running maximum are kept: a handful.
 */
export function markHorizon(
  marks: readonly HorizonMark[],
  entry: Pick<EntryHead, 'index' | 'watermark' | 'fingerprints'>,
  horizon: { readonly horizon: number; readonly bucketSize: number },
): HorizonMark[] {
  const live = marks.filter(({ bucket }) => isLive(bucket, horizon, entry.watermark));
  const buckets = entry.fingerprints.buckets();
  if (buckets.length > 0) {
    const bucket = Math.max(...buckets);
    // An entry can outlive its own ids: the watermark may move past them before it ends.
    const lives = isLive(bucket, horizon, entry.watermark);
    if (lives && bucket > (live.at(-1)?.bucket ?? Number.NEGATIVE_INFINITY)) {
      live.push({ index: entry.index, bucket });
    }
  }
  return live;
}
