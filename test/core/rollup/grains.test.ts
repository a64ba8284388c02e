import fc from 'fast-check';
import type { Rollup } from 'millrace';
import { describe, expect, it } from 'vitest';
import { pageRange, partitionKeyOf } from '../../../core/journal/keys.ts';
import type { AnyQuery } from '../../../core/query/query.ts';
import { World } from '../small-world.ts';
import {
  answerOf,
  meters,
  midnight,
  plain,
  plainRows,
  problemOf,
  type Reading,
  recordsOf,
} from './metered.ts';

const rollups: readonly Rollup[] = [{ size: '1m' }, { size: '10m' }, { size: '1h' }];
const second = 1_000;
const grains: readonly (readonly [AnyQuery['grain'], seconds: number])[] = [
  [undefined, 10],
  ['10s', 10],
  ['30s', 30],
  ['1m', 60],
  ['90s', 90],
  ['10m', 600],
  ['20m', 1_200],
  ['1h', 3_600],
  ['3h', 10_800],
  ['1d', 86_400],
];

const reading = fc.record({
  id: fc.uuid(),
  at: fc.integer({ min: -7_200, max: 14_400 }).map((seconds) => midnight + seconds * second),
  meter: fc.constantFrom('a', 'b', 'c'),
  n: fc.integer({ min: -5, max: 5 }),
});

/** Batches of two partitions, some of them compacted; the last ones stay in the tail. */
const schedule = fc.array(
  fc.record({
    partition: fc.constantFrom('0', '1'),
    readings: fc.array(reading, { minLength: 1, maxLength: 12 }),
    compact: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

async function run(
  batches: typeof schedule extends fc.Arbitrary<infer T> ? T : never,
  offset: '0s' | '4s',
): Promise<{ readonly world: World; readonly all: readonly Reading[] }> {
  const world = new World([meters({ rollups, offset, lateness: '36h' })], { partitions: 2 });
  const next = { '0': 0, '1': 0 };
  for (const { partition, readings, compact } of batches) {
    await world.process(recordsOf(readings, next[partition]), partition);
    next[partition] += readings.length;
    if (compact) await world.compact(partition, 2);
  }
  return { world, all: batches.flatMap(({ readings }) => readings) };
}

const iso = (ms: number): string => new Date(ms).toISOString();

describe('the rows of any grain', () => {
  it('are what a plain loop over all events gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        schedule,
        fc.constantFrom<'0s' | '4s'>('0s', '4s'),
        fc.constantFrom(...grains),
        fc.integer({ min: -7_200, max: 7_200 }),
        fc.integer({ min: 1, max: 7_200 }),
        async (batches, offset, [grain, seconds], first, length) => {
          const { world, all } = await run(batches, offset);
          const [size, origin] = [seconds * second, Number.parseInt(offset, 10) * second];
          const [from, to] = [midnight + first * second, midnight + (first + length) * second];
          for (const range of [{}, { from: iso(from), to: iso(to) }, { from: iso(from) }]) {
            const query = { ...range, ...(grain === undefined ? {} : { grain }) };
            const expected = plainRows(all, (at) => {
              const start = Math.floor((at - origin) / size) * size + origin;
              const inside =
                (!('from' in range) || start >= from) && (!('to' in range) || start < to);
              return inside ? [start, start + size] : null;
            });
            const answer = await answerOf(world, query);
            expect(plain(answer)).toEqual(expected);
            const stored = [10, 60, 600, 3_600].findLast((one) => seconds % one === 0);
            expect([answer.grainSeconds, answer.keptFrom]).toEqual([stored, null]);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("are one row per key for 'all', from the coarsest grain of which the range is whole windows", async () => {
    await fc.assert(
      fc.asyncProperty(
        schedule,
        fc.constantFrom(10, 60, 600, 3_600),
        fc.integer({ min: -2, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        async (batches, seconds, first, length) => {
          const { world, all } = await run(batches, '0s');
          const from = midnight + first * seconds * second;
          const to = from + length * seconds * second;
          const answer = await answerOf(world, { grain: 'all', from: iso(from), to: iso(to) });
          const inside = (at: number) => at >= from && at < to;
          expect(plain(answer)).toEqual(plainRows(all, (at) => (inside(at) ? [from, to] : null)));
          const isBound = (one: number) => (from / second) % one === 0 && (to / second) % one === 0;
          expect(answer.grainSeconds).toBe([10, 60, 600, 3_600].findLast(isBound));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("are one row per key of all time for 'all' without a range", async () => {
    const world = new World([meters({ rollups })]);
    const at = (seconds: number, n: number) => ({
      ...{ id: `${seconds}`, at: midnight + seconds * second, meter: 'a', n },
    });
    await world.process(recordsOf([at(0, 1), at(5, 2), at(7_000, 4)]));
    const { rows, grainSeconds } = await answerOf(world, { grain: 'all' });
    expect(rows).toMatchObject([
      {
        ...{ start: '0000-01-01T00:00:00.000Z', end: '9999-12-31T23:59:59.999Z', final: false },
        measures: { c: 3, sum: 7 },
      },
    ]);
    expect(grainSeconds).toBe(3_600);
  });
});

describe('a coarse row', () => {
  it('is final when its own window has ended, and an event is late by its fine one', async () => {
    const world = new World([meters({ rollups, lateness: '1m' })]);
    const at = (id: string, seconds: number) => ({
      id,
      at: midnight + seconds * second,
      meter: 'a',
      n: 1,
    });
    await world.process(recordsOf([at('a', 5), at('b', 100), at('late', 6), at('c', 3_000)]));
    await world.settle();
    const rows = async (grain: '1m' | '1h') =>
      (await answerOf(world, { grain })).rows.map(({ final, measures }) => [final, measures['c']]);
    expect(await rows('1h')).toEqual([[false, 3]]);
    expect(await rows('1m')).toEqual([
      [true, 1],
      [true, 1],
      [false, 1],
    ]);
    await world.process(recordsOf([at('d', 3_660)], 4));
    await world.settle();
    expect(await rows('1h')).toEqual([
      [true, 3],
      [false, 1],
    ]);
  });

  it('is read from pages of its own grain alone', async () => {
    const world = new World([meters({ rollups })]);
    const readings = Array.from({ length: 360 }, (_, i) => ({
      ...{ id: `${i}`, at: midnight + i * 10_000, meter: 'a', n: i },
    }));
    await world.process(recordsOf(readings));
    await world.compact();
    const pk = partitionKeyOf(world.journals[0]!.scope, '0');
    for (const [size, pages] of [
      [10_000, 60],
      [60_000, 60],
      [600_000, 6],
      [3_600_000, 1],
    ] as const) {
      expect(await world.store.range(pk, ...pageRange('v', size), 1_000)).toHaveLength(pages);
    }
    for (const page of await world.store.range(pk, ...pageRange('v', 10_000), 1_000)) {
      await world.store.remove({ partition: pk, sort: page.sort });
    }
    expect(plain(await answerOf(world, { grain: '2h' }))).toMatchObject([{ measures: { c: 360 } }]);
    expect(plain(await answerOf(world))).toEqual([]);
  });
});

describe('a query', () => {
  it('says what is wrong with its grain', async () => {
    const world = new World([meters({ rollups })]);
    await world.process([]);
    expect(await problemOf(world, { grain: '15s' })).toBe(
      "request: grain: must be 'all' or a multiple of 10s, the windows of 'v', not '15s'",
    );
    expect(await problemOf(world, { grain: 'hourly' as 'all' })).toMatch(
      /^request: grain: must be/,
    );
    expect(await problemOf(world, { grain: '0s' })).toMatch(/^request: grain: must be/);
    expect(await problemOf(world, { grain: 'all', from: '2001-01-01T00:00:05Z', limit: 0 })).toBe(
      "request: grain: for 'all', from and to must be bounds of windows of 10s; limit: must be 1 to 10000",
    );
  });
});
