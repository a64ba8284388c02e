import { Fingerprints } from '../dedupe/fingerprints.ts';
import type { Cursor } from '../event.ts';
import type { Plan } from '../plan.ts';
import type { Versions } from '../references/versions.ts';
import { Rows } from '../view/rows.ts';
import { type Counts, noCounts } from './counts.ts';
import type { Inherited } from './inherited.ts';
import { type KeySample, noSample } from './key-sample.ts';
import { noUsage, type Usage } from './usage.ts';

/** An object that an entry refers to; its name is `keptName` of the entry and the hash. */
export interface ObjectRef {
  /** XXH64 of the object's lines, 16 hexadecimal digits. */
  readonly hash: string;
  /** Dead letters or late events in it. */
  readonly count: number;
}

/** What an entry may be, as its first byte counts them. */
export const entryKinds = ['genesis', 'run', 'closed', 'drained', 'tick'] as const;

/** What an entry is. */
export type EntryKind = (typeof entryKinds)[number];

/** All effects of one run of records: what is committed by one put-if-absent at the next number. */
export interface Entry {
  /**
   * A genesis is entry 0: where its partition starts. A tick raises the watermark of an idle partition and adds
   * nothing. Nothing comes after one that is `closed` (the stream was made
   * anew) or `drained` (the partition was split or merged, and all of it is in the journal).
   */
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
  /** What a sample of its events says about their partition keys. */
  readonly partitionKeys: KeySample;
  /** The versions of the reference tables that its events were folded with. */
  readonly references: Versions;
  readonly fingerprints: Fingerprints;
  /** The rows to add, by view in the order of the definition. */
  readonly views: readonly Rows[];
  readonly dead: ObjectRef | null;
  readonly late: ObjectRef | null;
  /** What a genesis takes over of the partitions that its own came from. */
  readonly inherited: readonly Inherited[];
  /** Its own records, and what its writer had used before it and not yet written down. */
  readonly used: Usage;
}

/** An entry without its rows: all that the write path needs of it. */
export type EntryHead = Omit<Entry, 'views'>;

/** The last entry of a partition tells why it is the last. */
export type End = 'closed' | 'drained';

/** Why nothing comes after an entry; null if something may. */
export function endOf({ kind }: Pick<Entry, 'kind'>): End | null {
  return kind === 'closed' || kind === 'drained' ? kind : null;
}

/** An entry that adds nothing: the first of a partition, or its last. */
export function emptyEntry(
  { views }: Plan,
  kind: Exclude<EntryKind, 'run'>,
  { index, next, watermark, arrival }: Pick<Entry, 'index' | 'next' | 'watermark' | 'arrival'>,
): Entry {
  return {
    kind,
    index: index + 1,
    ...{ from: next, next, watermark, arrival },
    counts: noCounts(views.length),
    partitionKeys: noSample,
    references: {},
    fingerprints: new Fingerprints(),
    views: views.map((view) => new Rows(view)),
    ...{ dead: null, late: null, inherited: [], used: noUsage },
  };
}
