import fc from 'fast-check';
import { definePipeline, hopping, session, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { Reader, Writer } from '../../../core/bytes.ts';
import { decodeEntry, encodeEntry } from '../../../core/journal/entry-codec.ts';
import { Rows } from '../../../core/view/rows.ts';
import { contextOf, foldBatches, foldEvents, noon, recordsOf, rowsOf } from '../folding.ts';
import { World } from '../small-world.ts';
import { type Tick, tick } from './events.ts';

const schema = Type.Object({
  id: Type.String(),
  at: Type.Number(),
  who: Type.Union([Type.String(), Type.Boolean(), Type.Number()]),
  n: Type.Number(),
});
const base = { name: 'many', schema, id: 'id', time: 'at', partitionKey: 'who' } as const;

/** Two keys per entry at most, of one part and of two, in every kind of window. */
const limited = definePipeline({
  ...base,
  dedupe: { within: '2h' },
  views: (on) => {
    const measures = { c: on.count(), s: on.sum('n') };
    const rest = { keysMax: 2, lateness: '1h', measures } as const;
    return {
      v: on.view({ key: ['who'], window: tumbling('1m'), ...rest }),
      pair: on.view({ key: ['who', 'n'], window: tumbling('1m'), ...rest }),
      hops: on.view({ key: ['who'], window: hopping({ size: '2m', slide: '1m' }), ...rest }),
      visits: on.view({ key: ['who'], window: session({ gap: '1m', longest: '10m' }), ...rest }),
      all: on.view({ key: [], window: tumbling('1m'), lateness: '1h', measures }),
    };
  },
});

const texts = (outcome: { entries: Parameters<typeof rowsOf>[1] }, view: string) =>
  rowsOf(limited, outcome.entries).flatMap((json) => {
    const row = JSON.parse(json);
    const name = row.overflow ? '*' : Object.values(row.key).join('/');
    const minute = (Date.parse(row.start) - noon) / 60_000;
    return row.view === view ? [`${name}@${minute} ${row.measures.c} ${row.measures.s}`] : [];
  });

test('further keys count in the overflow row of their pane, those admitted in every pane', () => {
  const events = [
    ...[tick(0, { who: 'a' }), tick(1, { who: 'b' }), tick(2, { who: 'c', n: 5 })],
    ...[tick(3, { who: 'd', n: 7 }), tick(60, { who: 'c' }), tick(61, { who: 'a' })],
  ];
  const outcome = foldEvents(limited, events);
  expect(texts(outcome, 'v')).toEqual(['a@0 1 1', 'b@0 1 1', '*@0 2 12', 'a@1 1 1', '*@1 1 1']);
  expect(texts(outcome, 'pair')).toEqual([
    'a/1@0 1 1',
    'b/1@0 1 1',
    '*@0 2 12',
    'a/1@1 1 1',
    '*@1 1 1',
  ]);
  const [v] = outcome.state.counts.views;
  expect(v).toEqual({ offered: 6, counted: 6, late: 0, overflowed: 3 });
  expect(outcome.state.counts.views.at(-1)).toEqual({ offered: 6, counted: 6, late: 0 });
});

test('a key that is the text null, false or empty is a key like any other', () => {
  const odd = ['null', '', 'undefined'].map((who, i) => tick(i, { who }));
  const others = [tick(3, { who: false as never }), tick(4, { who: 0 as never })];
  for (const one of [...odd, ...others]) {
    const outcome = foldEvents(limited, [one, tick(5), tick(6, { who: 'z' }), one, tick(7)]);
    const row = JSON.parse(rowsOf(limited, outcome.entries)[0]!);
    expect(row).toMatchObject({ overflow: row.key.who === null });
    expect(texts(outcome, 'v')).toContain('*@0 1 1');
    expect(texts(outcome, 'v')).toContain(`${one.who}@0 1 1`);
  }
});

const tickOf = fc
  .tuple(fc.nat(180), fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(3), fc.nat(30))
  .map(([at, who, n, id]): Tick => tick(at, { who, n, id: `i${id}` }));

test('however events are cut into entries, nothing is lost: the rows of a pane add up to the total', () => {
  fc.assert(
    fc.property(
      fc.array(tickOf, { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      (events, size) => {
        const records = recordsOf(events);
        const batches = records.map((_, i) => records.slice(i * size, (i + 1) * size));
        const { entries, state } = foldBatches(batches, contextOf(limited));
        const sums = new Map<string, Record<string, [number, number]>>();
        for (const row of rowsOf(limited, entries).map((json) => JSON.parse(json))) {
          const of = sums.get(row.start) ?? {};
          const [c, s] = of[row.view] ?? [0, 0];
          sums.set(row.start, { ...of, [row.view]: [c + row.measures.c, s + row.measures.s] });
        }
        for (const { v, pair, all } of sums.values()) expect([v, pair]).toEqual([all, all]);
        for (const entry of entries) {
          const keys = new Set(entry.views[0]!.keys[0]!.filter((part) => part !== null));
          expect(keys.size).toBeLessThanOrEqual(2);
        }
        for (const { counted, overflowed = 0 } of state.counts.views) {
          expect(overflowed).toBeLessThanOrEqual(counted);
        }
      },
    ),
  );
});

test('overflow rows come back from their bytes, and a key of which a part is missing is damaged', () => {
  const context = contextOf(limited);
  const events = ['a', 'b', 'c', 'd'].map((who, i) => tick(i, { who }));
  const [entry] = foldEvents(limited, events).entries;
  const key = { partition: 'p', sort: 'e' };
  const again = decodeEntry(key, encodeEntry(key, entry!, context), context);
  expect(rowsOf(limited, [again])).toEqual(rowsOf(limited, [entry!]));
  expect(again.counts).toEqual(entry!.counts);
  const view = limited.plan.views[1]!;
  const half = new Rows(view);
  half.row(noon, ['a', null]);
  const out = new Writer();
  half.encode(out);
  const decode = () => Rows.decode(new Reader(new Uint8Array(out.done()), 'the item'), view, 10);
  expect(decode).toThrow(expect.objectContaining({ code: 'damaged' }));
});

/** Two entries on each of two partitions, the first of each in pages. */
async function filled(): Promise<World> {
  const world = new World([limited], { partitions: 2 });
  const batch = (names: string, from: number) =>
    recordsOf([...names].map((who, i) => tick(from + i * 10, { who }))).map((one, i) => ({
      ...one,
      position: BigInt(from + i),
    }));
  await world.process(batch('abcd', 0));
  await world.process(batch('cdab', 60));
  await world.process(batch('abc', 0), '1');
  await world.compact();
  await world.process(batch('xyz', 120));
  return world;
}

test('overflow rows meet in pages, tail and partitions, stand last and match no key', async () => {
  const world = await filled();
  const { rows, next } = JSON.parse(await world.answer('v', { limit: 5 }));
  const shown = (all: typeof rows) =>
    all.map(({ key, overflow, measures }: never) => [key['who'], overflow, measures['c']]);
  expect(shown(rows)).toEqual([
    ...[
      ['a', false, 2],
      ['b', false, 2],
      [null, true, 3],
    ],
    ...[
      ['c', false, 1],
      ['d', false, 1],
    ],
  ]);
  const rest = JSON.parse(await world.answer('v', { cursor: next })).rows;
  expect(shown(rest)).toEqual([
    ...[
      [null, true, 2],
      ['x', false, 1],
      ['y', false, 1],
      [null, true, 1],
    ],
  ]);
  const overflow = JSON.parse(await world.answer('v', { limit: 3 })).next;
  expect(shown(JSON.parse(await world.answer('v', { cursor: overflow, limit: 1 })).rows)).toEqual([
    ['c', false, 1],
  ]);
  for (const who of ['null', '', 'undefined']) {
    expect(JSON.parse(await world.answer('v', { key: { who } })).rows).toEqual([]);
  }
  expect(shown(JSON.parse(await world.answer('v', { orderBy: '-c', limit: 1 })).rows)).toEqual([
    [null, true, 3],
  ]);
});

test('the overflow of a session view has a span of its own, that of hops its windows', async () => {
  const world = await filled();
  const { rows } = JSON.parse(await world.answer('visits'));
  const spans = rows.filter((row: { overflow: boolean }) => row.overflow);
  expect(spans).toMatchObject([
    {
      start: new Date(noon + 20_000).toISOString(),
      end: new Date(noon + 200_000).toISOString(),
      measures: { c: 6 },
    },
  ]);
  const hops = JSON.parse(await world.answer('hops', { from: new Date(noon).toISOString() })).rows;
  const counts = hops.flatMap((row: never) => (row['overflow'] ? [row['measures']['c']] : []));
  expect(counts).toEqual([5, 3, 1]);
});

test('the events that overflowed are told to telemetry by view', async () => {
  const world = await filled();
  const figures = world.telemetry.figures();
  const found = figures.find(
    ({ name, labels }) =>
      name === 'process_overflowed_events' && labels['view'] === 'v' && labels['partition'] === '1',
  );
  expect(found?.value).toBe(1);
});

test('a limit that is none is refused, as is one of a view without a key', () => {
  const define = (key: ['who'] | [], keysMax: number) =>
    definePipeline({
      ...base,
      views: (on) => ({
        v: on.view({ key, keysMax, window: tumbling('1m'), measures: { c: on.count() } }),
      }),
    });
  expect(() => define(['who'], 0)).toThrow(
    "view 'v': keysMax must be a whole number from 1, not 0",
  );
  expect(() => define(['who'], 1.5)).toThrow('keysMax must be a whole number from 1, not 1.5');
  expect(() => define([], 5)).toThrow("view 'v': keysMax limits keys: a view without a key");
  expect(define(['who'], 1).plan.shape).not.toContain('keysMax');
});
