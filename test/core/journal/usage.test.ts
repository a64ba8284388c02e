import { describe, expect, it } from 'vitest';
import { MemoryStateStore } from '../../../adapters/memory/memory-state-store.ts';
import { usageRules } from '../../../adapters/usage-rules.ts';
import { Reader, Writer } from '../../../core/bytes.ts';
import { MillraceError } from '../../../core/errors.ts';
import { MeteredStore } from '../../../core/journal/metered-store.ts';
import { Tally } from '../../../core/journal/tally.ts';
import {
  addUsage,
  decodeUsage,
  encodeUsage,
  noUsage,
  type Usage,
} from '../../../core/journal/usage.ts';
import { record } from '../folding.ts';

const absurd = Object.fromEntries(
  Object.keys(noUsage).map((name) => [name, Number.MAX_SAFE_INTEGER]),
) as unknown as Usage;
const some: Usage = { ...noUsage, batches: 3, busyMs: 1_234_567, requestMilliunits: 2 ** 40 };

function bytesOf(usage: Usage): Uint8Array {
  const out = new Writer();
  encodeUsage(out, usage);
  return new Uint8Array(out.done());
}

function read(bytes: Uint8Array): Usage {
  const from = new Reader(bytes, 'it');
  const usage = decodeUsage(from);
  from.end();
  return usage;
}

describe('usage as bytes', () => {
  it.each([noUsage, some, absurd])('reads back as it was written', (usage) => {
    expect(read(bytesOf(usage))).toEqual(usage);
  });

  it('is one byte where nothing was used, and some twenty in a usual entry', () => {
    const usual = { ...noUsage, batches: 1, busyMs: 40, activeMs: 1_000, records: 100 };
    const units = { recordBytes: 20_000, payloadUnits: 100, ingressUnits: 100 };
    const calls = { writes: 1, writeUnits: 14, reads: 1, readUnits: 1, requestMilliunits: 12_300 };
    expect(bytesOf(noUsage)).toHaveLength(1);
    expect(bytesOf({ ...usual, ...units, ...calls }).length).toBeLessThan(22);
  });

  it('grows no further than numbers do, and so stops nothing', () => {
    expect(addUsage(absurd, absurd)).toEqual(absurd);
    expect(read(bytesOf(addUsage(absurd, some)))).toEqual(absurd);
  });

  it('is damaged where it has another form', () => {
    expect(() => read(Uint8Array.of(2))).toThrow('an unknown form of usage');
    expect(() => read(bytesOf(some).subarray(0, 4))).toThrow('the end is missing');
  });
});

/** A tally with a clock, and batches that last. */
function timed() {
  const tally = new Tally(usageRules);
  let now = 1_000_000;
  const begin = (): (() => Promise<void>) => {
    let end = (): void => {};
    const batch = tally.batch(
      () => now,
      () => new Promise<void>((done) => (end = done)),
    );
    return () => {
      end();
      return batch;
    };
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  return { tally, begin, pass };
}

describe('the time of batches', () => {
  it('is billed by the second and the tenth where an instance bills its active time', async () => {
    const { tally, begin, pass } = timed();
    for (const [ms, rest] of [
      [20, 5_000],
      [1_410, 5_000],
    ] as const) {
      const end = begin();
      pass(ms);
      await end();
      pass(rest);
    }
    expect(tally.unwritten).toMatchObject({ batches: 2, busyMs: 1_430, activeMs: 1_000 + 1_500 });
  });

  it('counts once for an instance where batches run side by side, and once each by themselves', async () => {
    const { tally, begin, pass } = timed();
    const first = begin();
    pass(500);
    const second = begin();
    pass(2_000);
    await first();
    pass(1_500);
    await second();
    expect(tally.unwritten).toMatchObject({ batches: 2, busyMs: 2_500 + 3_500, activeMs: 4_000 });
  });

  it('counts no second twice that one batch has left to the next', async () => {
    const { tally, begin, pass } = timed();
    for (let i = 0; i < 3; i += 1) {
      const end = begin();
      pass(100);
      await end();
      pass(300);
    }
    // Active from 0 to 1,000, from 400 to 1,400 and from 800 to 1,800.
    expect(tally.unwritten).toMatchObject({ batches: 3, busyMs: 300, activeMs: 1_800 });
  });

  it('is counted of a batch that fails, too', async () => {
    const { tally } = timed();
    const failing = tally.batch(Date.now, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(tally.unwritten.batches).toBe(1);
  });
});

describe('records', () => {
  it('count in the entry that has their end', () => {
    const tally = new Tally(usageRules);
    const records = [0, 1, 2].map((position) => record(position, 'x'.repeat(30_000)));
    const in01 = tally.recordsIn(records, { position: 0n, line: 0 }, { position: 1n, line: 4 });
    expect(in01).toEqual({ records: 1, recordBytes: 30_000, payloadUnits: 2, ingressUnits: 1 });
    const rest = tally.recordsIn(records, { position: 1n, line: 4 }, { position: 3n, line: 0 });
    expect(rest).toMatchObject({ records: 2, recordBytes: 60_000, payloadUnits: 4 });
  });
});

const key = { partition: 'p', sort: 's' };

function metered(fault?: () => void) {
  const tally = new Tally(usageRules);
  const inner = new MemoryStateStore(fault === undefined ? {} : { fault });
  return { tally, store: new MeteredStore(inner, tally) };
}

describe('a metered store', () => {
  it('counts calls and what both clouds bill for them', async () => {
    const { tally, store } = metered();
    expect(store.itemBytesMax).toBe(2_000_000);
    // 2,000 bytes and 140 of the rest of the item: 3 units. As JSON 3,027 bytes: 1 + 1.956 x 9 / 99.
    expect(await store.create(key, new Uint8Array(2_000))).toBe(true);
    expect(tally.unwritten).toMatchObject({ writes: 1, writeUnits: 3, requestMilliunits: 5_889 });
    expect(await store.create(key, new Uint8Array(2_000))).toBe(false);
    // Refused: as much on one cloud, the least on the other.
    expect(tally.unwritten).toMatchObject({ writes: 2, writeUnits: 6, requestMilliunits: 6_889 });
    const { version } = (await store.read(key))!;
    expect(tally.unwritten).toMatchObject({ reads: 1, readUnits: 1, requestMilliunits: 8_067 });
    expect(await store.replace(key, new Uint8Array(10), version)).toBe(true);
    expect(tally.unwritten).toMatchObject({ writes: 3, writeUnits: 7, requestMilliunits: 18_067 });
    expect(await store.range('p', 'a', 'z', 5)).toHaveLength(1);
    expect(tally.unwritten).toMatchObject({ reads: 2, readUnits: 2, requestMilliunits: 21_367 });
    await store.remove(key);
    expect(await store.read(key)).toBeNull();
    expect(tally.unwritten).toMatchObject({ reads: 3, writes: 4, requestMilliunits: 27_367 });
  });

  it('counts nothing that was not answered', async () => {
    const { tally, store } = metered(() => {
      throw new MillraceError('throttled', 'too much');
    });
    await expect(store.create(key, new Uint8Array(1))).rejects.toThrow('too much');
    await expect(store.read(key)).rejects.toThrow('too much');
    expect(tally.unwritten).toEqual(noUsage);
  });
});

describe('what a write carries', () => {
  const failing = (code: 'throttled' | 'unavailable') => {
    const failure = new MillraceError(code, 'no');
    let fails = true;
    const { tally, store } = metered(() => {
      if (fails) throw failure;
    });
    tally.called({ kind: 'remove' });
    const write = () => tally.carry(() => store.create(key, new Uint8Array(1)));
    const heal = (): void => {
      fails = false;
    };
    return { tally, write, heal };
  };

  it('is written down once, and by the next one if it was refused', async () => {
    const { tally, store } = metered();
    tally.called({ kind: 'remove' });
    const before = tally.unwritten;
    const carried: Usage[] = [];
    const write = () =>
      tally.carry((used) => {
        carried.push(used);
        return store.create(key, new Uint8Array(1));
      });
    await write();
    expect(tally.unwritten.writes).toBe(1);
    expect(await write()).toBe(false);
    expect(tally.unwritten.writes).toBe(2);
    expect(carried.map(({ writes }) => writes)).toEqual([before.writes, 1]);
  });

  it('is put back if the store was sure to take nothing', async () => {
    const { tally, write } = failing('throttled');
    await expect(write()).rejects.toThrow('no');
    expect(tally.unwritten.writes).toBe(1);
  });

  it('is left out if nobody knows what became of it, whatever the next attempt says', async () => {
    const { tally, write, heal } = failing('unavailable');
    await expect(write()).rejects.toThrow('no');
    expect(tally.unwritten).toEqual(noUsage);
    heal();
    await write();
    expect(tally.unwritten.writes).toBe(1);
  });
});
