import type { Fingerprints } from '../dedupe/fingerprints.ts';
import type { Cursor } from '../event.ts';
import type { Rows } from '../view/rows.ts';
import type { Counts } from './counts.ts';

/** An object that an entry refers to; its name is `keptName` of the entry and the hash. */
export interface ObjectRef {
  /** XXH64 of the object's lines, 16 hexadecimal digits. */
  readonly hash: string;
  /** Dead letters or late events in it. */
  readonly count: number;
}

/** What an entry may be, as its first byte counts them. */
export const entryKinds = ['genesis', 'run', 'closed'] as const;

/** What an entry is. */
export type EntryKind = (typeof entryKinds)[number];

/** All effects of one run of records: what is committed by one put-if-absent at the next number. */
export interface Entry {
  /** A genesis is entry 0: where its partition starts. Nothing comes after a closed one. */
  readonly kind: EntryKind;
  readonly index: number;
  /** The first event in it, and the first one after it. */
  readonly from: Cursor;
  readonly next: Cursor;
  /** The partition's watermark after it, epoch milliseconds. */
  readonly watermark: number;
  /** Arrival of its last record, epoch milliseconds; 0 in a genesis. */
  readonly arrival: number;
  readonly counts: Counts;
  readonly fingerprints: Fingerprints;
  /** The rows to add, by view in the order of the definition. */
  readonly views: readonly Rows[];
  readonly dead: ObjectRef | null;
  readonly late: ObjectRef | null;
}

/** An entry without its rows: all that the write path needs of it. */
export type EntryHead = Omit<Entry, 'views'>;
