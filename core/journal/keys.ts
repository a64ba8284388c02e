import type { ItemKey } from '../ports/state-store.ts';

/** Which build of which pipeline's state. */
export interface Scope {
  readonly pipeline: string;
  /** One build of the state; a replay builds the next one beside it. */
  readonly generation: number;
}

/**
 * The name under which journals hold a partition of the stream. The epoch grows when the stream itself is made
 * anew, with positions that start over: what was counted before stays, under the names of its own epoch.
 */
export function journalPartition(partition: string, epoch: number): string {
  return epoch === 0 ? partition : `${partition}@${epoch}`;
}

/** The partition of the stream and the epoch that a name in a journal stands for. */
export function streamPartition(name: string): { partition: string; epoch: number } {
  const at = name.lastIndexOf('@');
  if (at < 0) return { partition: name, epoch: 0 };
  return { partition: name.slice(0, at), epoch: Number(name.slice(at + 1)) };
}

/** The partition key in the store of all that belongs to one partition of a journal. */
export function partitionKeyOf({ pipeline, generation }: Scope, partition: string): string {
  return `${pipeline}/${generation}/${partition}`;
}

/** The item that lists a scope's partitions. */
export function partitionsKey({ pipeline, generation }: Scope): ItemKey {
  return { partition: `${pipeline}/${generation}`, sort: 'partitions' };
}

/** The item that says how far the publication of a view is. */
export function cursorKey({ pipeline, generation }: Scope, view: string): ItemKey {
  return { partition: `${pipeline}/${generation}`, sort: `published/${view}` };
}

/** The sort key of an entry; entries sort by their number. */
export function entrySort(index: number): string {
  return `e/${String(index).padStart(20, '0')}`;
}

/** What sorts after every entry. */
export const entrySortEnd = 'e0';

/** The sort key of the head. */
export const headSort = 'head';

/** The sort key of what maintenance remembers of a partition. */
export const careSort = 'care';

/** Entries that share one item of the index of dead letters. */
const deadIndexEntries = 1_000;

/** The sort key of the item of the index of dead letters that holds those of an entry. */
export function deadIndexSort(entry: number): string {
  return `d/${String(Math.floor(entry / deadIndexEntries)).padStart(20, '0')}`;
}

/** What sorts before every index of dead letters, and what after. */
export const deadIndexRange: readonly [from: string, to: string] = ['d/', 'd0'];

/** The sort key of a page, in order of its bucket; `bucket` is the start of the bucket, epoch milliseconds. */
export function pageSort(view: string, grain: number, bucket: number): string {
  return `p/${view}/${grain}/${new Date(bucket).toISOString()}`;
}

/** The name of the object that holds an entry's dead letters or late events: one JSON object per line, zstd. */
export function keptName(
  scope: Scope,
  partition: string,
  view: '_dead' | '_late',
  entry: number,
  hash: string,
): string {
  const number = String(entry).padStart(20, '0');
  return `kept/${partitionKeyOf(scope, partition)}/${view}/${number}-${hash}`;
}

/** What sorts before every page of a view and grain, and what after. */
export function pageRange(view: string, grain: number): readonly [from: string, to: string] {
  return [`p/${view}/${grain}/`, `p/${view}/${grain}0`];
}
