import { MillraceError } from '../errors.ts';
import { hash64, hashBytes } from '../hash.ts';
import type { ItemKey } from '../ports/state-store.ts';

/** What an item is; its first byte says so. */
export type Kind =
  | 'entry'
  | 'page'
  | 'head'
  | 'partitions'
  | 'overflow'
  | 'place'
  | 'index'
  | 'care'
  | 'cursor';

const kinds: Readonly<Record<Kind, number>> = {
  ...{ entry: 0x45, page: 0x50, head: 0x48, partitions: 0x53, overflow: 0x4f, place: 0x4c },
  ...{ index: 0x49, care: 0x43, cursor: 0x55 },
};
const version = 3;
/** Kind, version, then the checksum. */
const headerBytes = 10;

/** How an item is named in messages. */
export function nameOf(key: ItemKey): string {
  return `${key.partition} ${key.sort}`;
}

/**
 * An item's bytes: kind, version and a checksum before the payload. The checksum (XXH64) is seeded with the item's
 * name, so that bytes under another name are damaged too.
 */
export function seal(kind: Kind, key: ItemKey, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + payload.length);
  bytes[0] = kinds[kind];
  bytes[1] = version;
  bytes.set(payload, headerBytes);
  new DataView(bytes.buffer).setBigUint64(2, checksum(kind, key, payload), true);
  return bytes;
}

function checksum(kind: Kind, key: ItemKey, payload: Uint8Array): bigint {
  return hashBytes(payload, hash64(`${kinds[kind]} ${version} ${nameOf(key)}`));
}

/**
 * The payload of an item.
 *
 * @throws MillraceError `damaged`, naming the item, unless every byte is as `seal` wrote it.
 */
export function open(kind: Kind, key: ItemKey, bytes: Uint8Array): Uint8Array {
  const damaged = (what: string): MillraceError =>
    new MillraceError('damaged', `${nameOf(key)}: ${what}`);
  if (bytes.length < headerBytes) throw damaged(`${bytes.length} bytes are no ${kind}`);
  if (bytes[0] !== kinds[kind]) throw damaged(`not a ${kind}`);
  if (bytes[1] !== version)
    throw damaged(`version ${bytes[1]}, but this Millrace reads ${version}`);
  const payload = bytes.subarray(headerBytes);
  const found = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(2, true);
  if (found !== checksum(kind, key, payload)) throw damaged('its checksum is wrong');
  return payload;
}
