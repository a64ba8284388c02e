import type { ItemKey } from '../ports/state-store.ts';

/** Which build of which pipeline's state, on which stream. */
export interface Scope {
  readonly pipeline: string;
  /** One build of the state; a replay builds the next one beside it. */
  readonly generation: number;
  /** Grows when the stream itself is made anew. */
  readonly epoch: number;
}

/** The partition key in the store of all that belongs to one partition of the stream. */
export function partitionKeyOf({ pipeline, generation, epoch }: Scope, partition: string): string {
  return `${pipeline}/${generation}/${epoch}/${partition}`;
}

/** The item that lists a scope's partitions. */
export function partitionsKey({ pipeline, generation }: Scope): ItemKey {
  return { partition: `${pipeline}/${generation}`, sort: 'partitions' };
}

/** The sort key of an entry; entries sort by their number. */
export function entrySort(index: number): string {
  return `e/${String(index).padStart(20, '0')}`;
}

/** What sorts after every entry. */
export const entrySortEnd = 'e0';

/** The sort key of the head. */
export const headSort = 'head';

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
