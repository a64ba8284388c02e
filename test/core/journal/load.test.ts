import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import { horizonIndex, readHead } from '../../../core/journal/head.ts';
import { entrySort, partitionKeyOf } from '../../../core/journal/keys.ts';
import { load } from '../../../core/journal/load.ts';
import type { Limits } from '../../../core/limits.ts';
import { minutes, patient, tick } from '../fold/events.ts';
import { contextOf, foldBatches, noon, record } from '../folding.ts';
import { World } from '../small-world.ts';

const key = (world: World, index: number) => ({
  partition: partitionKeyOf(world.journals[0]!.scope, '0'),
  sort: entrySort(index),
});

/** One entry per event, 40 seconds apart: ids are remembered for the last few. */
async function filled(count: number, limits: Partial<Limits> = {}): Promise<World> {
  const world = new World([minutes], { limits });
  const by = world.processor();
  for (let i = 0; i < count; i += 1) {
    await world.process([record(i, tick(i * 40, { id: `e${i}` }))], '0', by);
  }
  return world;
}

test('a partition of which nothing is stored has no genesis', async () => {
  const { state, upTo } = await load(new World([minutes]).journals[0]!, '0');
  expect([state.index, upTo]).toEqual([-1, -1]);
});

test('after a compaction, entries before the oldest live id are not needed any more', async () => {
  const world = await filled(20);
  const before = (await load(world.journals[0]!, '0')).state;
  await world.compact();
  const { head } = (await readHead(world.journals[0]!, '0'))!;
  const oldest = horizonIndex(head);
  // The watermark is at 750 s: ids of the buckets from 630 s on live, the first one is that of 640 s.
  expect(oldest).toBe(17);
  for (let index = 0; index < oldest; index += 1) await world.store.remove(key(world, index));
  const after = await load(world.journals[0]!, '0');
  expect(after.upTo).toBe(20);
  const { seen: _, ...known } = before;
  const { seen: __, ...found } = after.state;
  expect(found).toMatchObject(known);
  // The event of the oldest entry that is left is still known, so is the last one.
  const again = [oldest - 1, 19].map((i, at) => record(20 + at, tick(i * 40, { id: `e${i}` })));
  await world.process(again);
  expect((await load(world.journals[0]!, '0')).state.counts).toMatchObject({ duplicates: 2 });
});

test.each([
  ['the oldest with a live id', (oldest: number) => oldest],
  ['the last before the head', (_: number, upTo: number) => upTo],
  ['the first behind the head', (_: number, upTo: number) => upTo + 1],
])('an entry that is needed and gone, %s, stops its partition', async (where, indexOf) => {
  const world = await filled(10);
  await world.compact('0', where.endsWith('behind the head') ? 8 : 100);
  const { head } = (await readHead(world.journals[0]!, '0'))!;
  const gone = key(world, indexOf(horizonIndex(head), head.upTo));
  await world.store.remove(gone);
  const { failures } = await world.process([record(10, tick(400))]);
  expect(failures).toMatchObject([
    {
      error: {
        code: 'missing',
        message: expect.stringContaining(`${gone.partition} ${gone.sort}`),
      },
    },
  ]);
});

test('without dedupe, no entry before the head is needed', async () => {
  const world = new World([patient]);
  const by = world.processor();
  for (let i = 0; i < 5; i += 1) await world.process([record(i, tick(i))], '0', by);
  await world.compact();
  const pk = partitionKeyOf(world.journals[0]!.scope, '0');
  for (let index = 0; index <= 5; index += 1) {
    await world.store.remove({ partition: pk, sort: entrySort(index) });
  }
  const { failures } = await world.process([record(5, tick(9))]);
  expect(failures).toEqual([]);
  expect(JSON.parse(await world.answer('strict')).rows[0].measures).toEqual({ c: 6 });
});

test('entries that are gone with the genesis stop it too', async () => {
  const world = await filled(3);
  await world.store.remove(key(world, 0));
  await expect(load(world.journals[0]!, '0')).rejects.toMatchObject({ code: 'missing' });
});

test('a store that fails now and then costs a load the calls that failed', async () => {
  let calls = 0;
  const world = await filled(700, { compactEntries: 10_000 });
  const store = new Proxy(world.store, {
    get: (of, name) => {
      if (name !== 'range') return Reflect.get(of, name).bind?.(of) ?? Reflect.get(of, name);
      return (...args: Parameters<typeof of.range>) => {
        calls += 1;
        if (calls % 2 === 0) return Promise.reject(new MillraceError('throttled', 'not now'));
        return of.range(...args);
      };
    },
  });
  const journal = world.journal(minutes, store);
  const { failures } = await world.process(
    [record(700, tick(28_000))],
    '0',
    world.processor([journal]),
  );
  expect(failures).toEqual([]);
  // 701 entries are three pages: the second and the third page fail once each.
  expect(calls).toBe(5);
});

test('a cold state is the warm one, at whatever entry it was compacted', async () => {
  const event = fc.record({
    id: fc.integer({ min: 0, max: 15 }).map(String),
    at: fc.integer({ min: 0, max: 400 }).map((second) => noon + second * 1000),
    who: fc.constantFrom('a', 'b'),
    n: fc.integer(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 25 }),
      fc.array(fc.nat(25), { maxLength: 3 }),
      async (events, compactions) => {
        const world = new World([minutes]);
        const records = events.map((one, i) => record(i, one));
        for (const [i, one] of records.entries()) {
          // Cold each time: what it knows of ids it has from head and entries.
          await world.process([one]);
          if (compactions.includes(i)) await world.compact('0', 10);
        }
        const model = foldBatches([records], contextOf(minutes)).state;
        const { state } = await load(world.journals[0]!, '0');
        expect(state.counts).toEqual(events.length === 0 ? state.counts : model.counts);
        expect(state.watermark).toBe(model.watermark);
      },
    ),
    { numRuns: 60 },
  );
});
