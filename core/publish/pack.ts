/** Events on their way into one record. */
import type { Compression } from '../compression.ts';
import type { MillraceError } from '../errors.ts';
import { eventOverheadBytes } from './packing-options.ts';

/** All sends between two flushes. */
export interface Epoch {
  /** Events not yet settled. */
  open: number;
  /** Called when none is open any more; null until a flush asks. */
  done: (() => void) | null;
}

/** One event and the promise of its `send`. */
export interface Entry {
  readonly event: string | Uint8Array;
  readonly bucket: number;
  /** UTF-8 bytes of the event. */
  readonly bytes: number;
  readonly epoch: Epoch;
  readonly resolve: () => void;
  readonly reject: (error: MillraceError) => void;
}

/** Events of one bucket that go into one record. */
export interface Pack {
  readonly entries: Entry[];
  /** Bytes as NDJSON. */
  bytes: number;
  /** When the first event came, epoch milliseconds. */
  readonly openedAt: number;
  /** When trying ends, epoch milliseconds; set once the pack takes no more events. */
  deadline: number;
  /** Tries that failed. */
  failures: number;
  /** The record's body, made at the first try. */
  body: Uint8Array | null;
}

const encoder = new TextEncoder();
const scratch = new Uint8Array(65_536);
const newline = 0x0a;

/** UTF-8 bytes of an event. */
export function bytesOf(event: string | Uint8Array): number {
  if (typeof event !== 'string') return event.length;
  return 3 * event.length <= scratch.length
    ? encoder.encodeInto(event, scratch).written
    : encoder.encode(event).length;
}

/** What an event counts in the buffer, bytes. */
export function costOf(entry: Entry): number {
  return entry.bytes + eventOverheadBytes;
}

/** A pack without events. */
export function newPack(openedAt: number): Pack {
  return { entries: [], bytes: 0, openedAt, deadline: 0, failures: 0, body: null };
}

/** Puts an event at the end of a pack. */
export function append(pack: Pack, entry: Entry): void {
  pack.bytes += pack.entries.length === 0 ? entry.bytes : entry.bytes + 1;
  pack.entries.push(entry);
}

/** The two halves of a pack of several events, in order. */
export function halves(pack: Pack): [Pack, Pack] {
  const middle = pack.entries.length >> 1;
  const of = (entries: readonly Entry[]) => {
    const half = { ...newPack(pack.openedAt), deadline: pack.deadline, failures: pack.failures };
    for (const entry of entries) append(half, entry);
    return half;
  };
  return [of(pack.entries.slice(0, middle)), of(pack.entries.slice(middle))];
}

/** The record's body: the event itself, or NDJSON, compressed if that is asked for and smaller. */
export function bodyOf(pack: Pack, compression: Compression | null): Uint8Array {
  const { entries } = pack;
  if (entries.length === 1) return encoded((entries[0] as Entry).event);
  const plain = ndjson(entries, pack.bytes);
  if (compression === null) return plain;
  const packed = compression.compress(plain);
  return packed.length < plain.length ? packed : plain;
}

function encoded(event: string | Uint8Array): Uint8Array {
  return typeof event === 'string' ? encoder.encode(event) : event;
}

function ndjson(entries: readonly Entry[], bytes: number): Uint8Array {
  if (entries.every(({ event }) => typeof event === 'string')) {
    return encoder.encode(entries.map(({ event }) => event).join('\n'));
  }
  const into = new Uint8Array(bytes);
  let at = 0;
  for (const { event } of entries) {
    if (at > 0) into[at++] = newline;
    const line = encoded(event);
    into.set(line, at);
    at += line.length;
  }
  return into;
}
