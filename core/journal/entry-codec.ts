import { Reader, Writer } from '../bytes.ts';
import type { Compression } from '../compression.ts';
import { Fingerprints } from '../dedupe/fingerprints.ts';
import type { Cursor } from '../event.ts';
import type { Limits } from '../limits.ts';
import type { Plan } from '../plan.ts';
import type { ItemKey } from '../ports/state-store.ts';
import { decodeVersions, encodeVersions } from '../references/versions.ts';
import { Rows } from '../view/rows.ts';
import { decodeCounts, encodeCounts } from './counts.ts';
import { type Entry, type EntryHead, entryKinds, type ObjectRef } from './entry.ts';
import { nameOf, open, seal } from './envelope.ts';
import { decodeInherited, encodeInherited } from './inherited.ts';
import { decodeSample, encodeSample } from './key-sample.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/** What the bytes of stored items are read and written with. */
export interface CodecContext {
  readonly plan: Plan;
  readonly limits: Limits;
  readonly compression: Compression;
}

/** Encoding is synchronous, so one pair of buffers serves all entries. */
const entryWriter = new Writer(65_536);
const rowsWriter = new Writer(65_536);

/**
 * An entry as bytes, columnar: head and fingerprints as they are (hashes don't compress), then the rows of all
 * views in one run of zstd, so that the write path can read what it needs without them.
 */
export function encodeEntry(key: ItemKey, entry: Entry, context: CodecContext): Uint8Array {
  const out = entryWriter.reset();
  out.byte(entryKinds.indexOf(entry.kind));
  out.unsigned(entry.index);
  encodeCursor(out, entry.from);
  encodeCursor(out, entry.next);
  out.signed(entry.watermark);
  out.unsigned(entry.arrival);
  out.unsigned(entry.views.length);
  encodeCounts(out, entry.counts);
  encodeSample(out, entry.partitionKeys);
  encodeVersions(out, entry.references);
  encodeRef(out, entry.dead);
  encodeRef(out, entry.late);
  entry.fingerprints.encode(out);
  encodeInherited(out, entry.inherited);
  encodeUsage(out, entry.used);
  const rows = rowsWriter.reset();
  for (const view of entry.views) view.encode(rows);
  out.bytes(context.compression.compress(rows.done()));
  return seal('entry', key, out.done());
}

/**
 * Reads an entry whole.
 *
 * @throws MillraceError `damaged`, naming the entry, for bytes that are not exactly what was written.
 */
export function decodeEntry(key: ItemKey, bytes: Uint8Array, context: CodecContext): Entry {
  const { head, rows } = readHead(key, bytes, context);
  const { compression, limits, plan } = context;
  const unpacked = unpackRows(rows, nameOf(key), compression, limits);
  const from = new Reader(unpacked, nameOf(key));
  const views = plan.views.map((view) => Rows.decode(from, view, limits.entryRowsMax));
  from.end();
  return { ...head, views };
}

/** Reads an entry without its rows, which the write path has no use for. */
export function decodeEntryHead(key: ItemKey, bytes: Uint8Array, context: CodecContext): EntryHead {
  return readHead(key, bytes, context).head;
}

/** Decompressed rows; what can't be decompressed is `damaged` and names the item. */
export function unpackRows(
  rows: Uint8Array,
  name: string,
  compression: Compression,
  limits: Limits,
): Uint8Array {
  try {
    return compression.decompress(rows, limits.itemUnpackedBytesMax);
  } catch (cause) {
    throw new Reader(rows, name).damaged(`rows that can't be unpacked (${String(cause)})`);
  }
}

function readHead(key: ItemKey, bytes: Uint8Array, { plan }: CodecContext) {
  const name = nameOf(key);
  const from = new Reader(open('entry', key, bytes), name);
  const kind = entryKinds[from.byte()];
  if (kind === undefined) throw from.damaged('an unknown kind of entry');
  const index = from.unsigned();
  const first = decodeCursor(from);
  const next = decodeCursor(from);
  const watermark = from.integer();
  const arrival = from.unsigned();
  const views = from.unsigned();
  if (views !== plan.views.length) {
    throw from.damaged(`rows of ${views} views, but the pipeline has ${plan.views.length}`);
  }
  const head: EntryHead = {
    kind,
    index,
    from: first,
    next,
    watermark,
    arrival,
    counts: decodeCounts(from, views),
    partitionKeys: decodeSample(from),
    references: decodeVersions(from),
    dead: decodeRef(from),
    late: decodeRef(from),
    fingerprints: Fingerprints.decode(from),
    inherited: decodeInherited(from),
    used: decodeUsage(from),
  };
  const rows = from.bytes();
  from.end();
  return { head, rows };
}

/** Writes a cursor. */
export function encodeCursor(out: Writer, { position, line }: Cursor): void {
  out.signed(position);
  out.unsigned(line);
}

/** Reads a cursor. */
export function decodeCursor(from: Reader): Cursor {
  return { position: BigInt(from.signed()), line: from.unsigned() };
}

function encodeRef(out: Writer, ref: ObjectRef | null): void {
  out.unsigned(ref?.count ?? 0);
  if (ref) out.text(ref.hash);
}

function decodeRef(from: Reader): ObjectRef | null {
  const count = from.unsigned();
  return count === 0 ? null : { hash: from.text(), count };
}
