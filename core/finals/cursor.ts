import type { KeyPart } from '../event.ts';
import { open, seal } from '../journal/envelope.ts';
import type { Journal } from '../journal/journal.ts';
import { cursorKey } from '../journal/keys.ts';

/** A row's place in the order in which rows are sent: by end, start and key. */
export interface Place {
  readonly end: number;
  readonly start: number;
  readonly key: readonly KeyPart[];
}

/** The last entry of each partition that a read held, by the partition's name in the journal. */
export type Entries = Readonly<Record<string, number>>;

/** How far early updates are. */
export interface EarlyCursor {
  /** When the last ones were all sent, epoch milliseconds. */
  readonly at: number;
  /** What they held. */
  readonly entries: Entries;
  /** Those under way when the time was over: what their first part held, and the last row that was sent. */
  readonly pass: { readonly entries: Entries; readonly after: Place } | null;
}

/** How far the publication of a view is. Written only conditionally, and it never goes back. */
export interface Cursor {
  /** Every row that was final by this event time has been sent. */
  readonly finalTo: number;
  /** Of those that became final later, every row up to this one has been sent too. */
  readonly after: Place | null;
  readonly early: EarlyCursor | null;
}

/** A cursor with the version it was read at; null for one that was never written. */
export interface StoredCursor {
  readonly cursor: Cursor;
  readonly version: string | null;
}

const utf8 = new TextEncoder();
const text8 = new TextDecoder('utf-8', { fatal: true });

/** The cursor of a view as it is stored; null before anything was published. */
export async function readCursor(
  { store, scope }: Journal,
  view: string,
): Promise<(StoredCursor & { readonly version: string }) | null> {
  const key = cursorKey(scope, view);
  const item = await store.read(key);
  if (item === null) return null;
  const cursor: Cursor = JSON.parse(text8.decode(open('cursor', key, item.body)));
  return { cursor, version: item.version };
}

/** Puts a cursor in place of the one that was read; false if another one was first. */
export function writeCursor(
  { store, scope }: Journal,
  view: string,
  cursor: Cursor,
  version: string | null,
): Promise<boolean> {
  const key = cursorKey(scope, view);
  const body = seal('cursor', key, utf8.encode(JSON.stringify(cursor)));
  return version === null ? store.create(key, body) : store.replace(key, body, version);
}
