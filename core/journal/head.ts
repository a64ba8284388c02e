import { Reader, Writer } from '../bytes.ts';
import { type Cursor, timeMin } from '../event.ts';
import { storedGrains } from '../plan.ts';
import { decodeVersions, encodeVersions, type Versions } from '../references/versions.ts';
import { type Counts, decodeCounts, encodeCounts } from './counts.ts';
import type { End } from './entry.ts';
import { decodeCursor, encodeCursor } from './entry-codec.ts';
import { nameOf, open, seal } from './envelope.ts';
import { decodeInherited, encodeInherited, type Inherited } from './inherited.ts';
import type { Journal } from './journal.ts';
import { decodeSample, encodeSample, type KeySample } from './key-sample.ts';
import { headSort, partitionKeyOf } from './keys.ts';
import type { HorizonMark } from './state.ts';
import { decodeUsage, encodeUsage, type Usage } from './usage.ts';

/** Of a grain of which no page was removed. */
const nothing = timeMin;

/** Where the last complete compaction of a partition stands: all but the fingerprints of the state at `upTo`. */
export interface Head {
  /** The last entry whose rows are in the pages. */
  readonly upTo: number;
  readonly next: Cursor;
  readonly watermark: number;
  readonly arrival: number;
  readonly counts: Counts;
  /** What samples of the latest events say about their partition keys. */
  readonly partitionKeys: KeySample;
  /** The versions of the reference tables that were used last. */
  readonly references: Versions;
  readonly end: End | null;
  readonly horizon: readonly HorizonMark[];
  readonly inherited: readonly Inherited[];
  /** The start of the first page that is kept, by grain (`storedGrains`): those before may be gone. */
  readonly removed: readonly number[];
  /** What the entries up to `upTo` say was used. */
  readonly used: Usage;
}

/** As the byte of a head counts them. */
const ends: readonly (End | null)[] = [null, 'closed', 'drained'];

/** A head with the version it was read at. */
export interface StoredHead {
  readonly head: Head;
  readonly version: string;
}

/** The oldest entry whose fingerprints may still be live. */
export function horizonIndex(head: Head): number {
  return head.horizon[0]?.index ?? head.upTo + 1;
}

/** The head of a partition; null before its first compaction. */
export async function readHead(journal: Journal, partition: string): Promise<StoredHead | null> {
  const key = { partition: partitionKeyOf(journal.scope, partition), sort: headSort };
  const item = await journal.store.read(key);
  if (item === null) return null;
  const from = new Reader(open('head', key, item.body), nameOf(key));
  const head: Head = {
    upTo: from.unsigned(),
    next: decodeCursor(from),
    watermark: from.integer(),
    arrival: from.unsigned(),
    counts: decodeCounts(from, journal.plan.views.length),
    partitionKeys: decodeSample(from),
    references: decodeVersions(from),
    end: ends[from.byte()] ?? null,
    horizon: Array.from({ length: from.unsigned(65_536) }, () => ({
      index: from.unsigned(),
      bucket: from.integer(),
    })),
    inherited: decodeInherited(from),
    removed: decodeRemoved(from, storedGrains(journal.plan).length),
    used: decodeUsage(from),
  };
  from.end();
  return { head, version: item.version };
}

/** Writes a head in place of the one read before; false if another writer was first. */
export function writeHead(
  journal: Journal,
  partition: string,
  head: Head,
  before: StoredHead | null,
): Promise<boolean> {
  const key = { partition: partitionKeyOf(journal.scope, partition), sort: headSort };
  const out = new Writer(64);
  out.unsigned(head.upTo);
  encodeCursor(out, head.next);
  out.signed(head.watermark);
  out.unsigned(head.arrival);
  encodeCounts(out, head.counts);
  encodeSample(out, head.partitionKeys);
  encodeVersions(out, head.references);
  out.byte(ends.indexOf(head.end));
  out.unsigned(head.horizon.length);
  for (const { index, bucket } of head.horizon) {
    out.unsigned(index);
    out.signed(bucket);
  }
  encodeInherited(out, head.inherited);
  encodeRemoved(out, head.removed);
  encodeUsage(out, head.used);
  const body = seal('head', key, out.done());
  return before
    ? journal.store.replace(key, body, before.version)
    : journal.store.create(key, body);
}

/** Only the grains of which something was removed are written: most pipelines have none. */
function encodeRemoved(out: Writer, removed: readonly number[]): void {
  const some = removed.flatMap((before, grain) => (before > nothing ? [{ grain, before }] : []));
  out.unsigned(some.length);
  for (const { grain, before } of some) {
    out.unsigned(grain);
    out.signed(before);
  }
}

function decodeRemoved(from: Reader, grains: number): number[] {
  const removed = noneRemoved(grains);
  for (let left = from.unsigned(grains); left > 0; left -= 1) {
    const grain = from.unsigned(grains - 1);
    removed[grain] = from.integer();
  }
  return removed;
}

/** As of grains of which nothing was removed. */
export function noneRemoved(grains: number): number[] {
  return Array.from({ length: grains }, () => nothing);
}
