import type { ObjectRef } from '../journal/entry.ts';
import { open, seal } from '../journal/envelope.ts';
import type { ItemKey } from '../ports/state-store.ts';

/** The built-in views: what committed entries refer to. */
export type KeptView = '_dead' | '_late';

/** An object and the entry that refers to it. */
export type KeptRef = ObjectRef & { readonly entry: number };

/** References of five minutes (of arrival) of one partition, kept after their entries have expired. */
export interface KeptPage {
  readonly upTo: number;
  readonly refs: readonly KeptRef[];
}

/** Arrival time covered by one page of references, milliseconds. */
export const keptPageSize: number = 300_000;

const utf8 = new TextEncoder();
const text8 = new TextDecoder('utf-8', { fatal: true });

/** A page of references as an item's body. */
export function encodeKept(key: ItemKey, page: KeptPage): Uint8Array {
  return seal('page', key, utf8.encode(JSON.stringify(page)));
}

/** @throws MillraceError `damaged`, naming the page, for bytes that are not what was written. */
export function decodeKept(key: ItemKey, body: Uint8Array): KeptPage {
  return JSON.parse(text8.decode(open('page', key, body)));
}
