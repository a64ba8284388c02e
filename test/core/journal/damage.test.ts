import { beforeAll, describe, expect, test } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import { nameOf } from '../../../core/journal/envelope.ts';
import { type StoredItem, storedItems } from './items.ts';

const kinds = [
  'entry',
  'entry without its rows',
  'page',
  'page of references',
  'head',
  'partitions',
] as const;
let items: ReadonlyMap<string, StoredItem>;

beforeAll(async () => {
  const stored = await storedItems();
  items = new Map(stored.items.map((item) => [item.kind, item]));
});

/** What came of reading: the error, or what the bytes said. */
async function outcome(item: StoredItem, body: Uint8Array, key = item.key): Promise<unknown> {
  try {
    return { said: await item.read(body, key) };
  } catch (error) {
    return error;
  }
}

function isDamaged(found: unknown, name: string): boolean {
  return (
    found instanceof MillraceError && found.code === 'damaged' && found.message.startsWith(name)
  );
}

describe.each(kinds)('%s', (kind) => {
  const it = () => items.get(kind)!;

  test('reads back as long as nothing is damaged', async () => {
    const found = await outcome(it(), it().body);
    expect(found).toHaveProperty('said');
  });

  test('every flip of a single byte is found, and names the item', async () => {
    const item = it();
    for (let at = 0; at < item.body.length; at += 1) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const body = new Uint8Array(item.body);
        body[at]! ^= flip;
        const found = await outcome(item, body);
        expect(isDamaged(found, nameOf(item.key)), `byte ${at}: ${String(found)}`).toBe(true);
      }
    }
  });

  test('every truncation is found, and names the item', async () => {
    const item = it();
    for (let length = 0; length < item.body.length; length += 1) {
      const found = await outcome(item, item.body.slice(0, length));
      expect(isDamaged(found, nameOf(item.key)), `${length}: ${String(found)}`).toBe(true);
    }
  });

  test('bytes behind the end are found', async () => {
    const item = it();
    const found = await outcome(item, new Uint8Array([...item.body, 0]));
    expect(isDamaged(found, nameOf(item.key)), String(found)).toBe(true);
  });

  test('bytes of any other item are refused', async () => {
    const item = it();
    for (const other of items.values()) {
      if (other.key.sort === item.key.sort) continue;
      const found = await outcome(item, other.body);
      expect(isDamaged(found, nameOf(item.key)), other.kind).toBe(true);
    }
  });

  test('bytes stored under another key are refused, and the key is named', async () => {
    const item = it();
    const key = { ...item.key, partition: item.key.partition.replace(/\d$/, '7') };
    expect(isDamaged(await outcome(item, item.body, key), nameOf(key))).toBe(true);
  });
});
