import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyRow } from '../../../core/query/answer.ts';
import { groupBy } from '../../../core/query/group.ts';
import type { AnyQuery } from '../../../core/query/query.ts';
import { World } from '../small-world.ts';
import { plainRows } from '../window/model.ts';
import { type RoomVisit, roomsPipeline, roomViews, visitsRecord } from './rooms.ts';

const noon = Date.UTC(2001, 0, 1, 12);
const pipeline = roomsPipeline({ lateness: '10m' });
const visit = fc.record({
  at: fc.integer({ min: 0, max: 120_000 }).map((ms) => noon + ms),
  who: fc.constantFrom('ann', 'anna', 'bob'),
  room: fc.constantFrom('hall', 'attic'),
  n: fc.integer({ min: -3, max: 3 }),
});
const batches = fc.array(fc.array(visit, { minLength: 1, maxLength: 6 }), { maxLength: 6 });

/** A world in which every other batch went to another partition, and some of it is in pages. */
async function worldOf(parts: readonly (readonly Omit<RoomVisit, 'id'>[])[]) {
  const world = new World([pipeline], { partitions: 2 });
  const writer = world.processor();
  for (const [i, part] of parts.entries()) {
    const visits = part.map((one, at) => ({ ...one, id: `${i}.${at}` }));
    await world.process([visitsRecord(i, visits)], String(i % 2), writer);
    if (i % 3 === 1) await world.compact(String(i % 2));
  }
  return { world, visits: parts.flat().map((one, i) => ({ ...one, id: String(i) })) };
}

async function rowsOf(world: World, view: string, query: AnyQuery): Promise<AnyRow[]> {
  return JSON.parse(await world.answer(view, query)).rows;
}

const queries: readonly (readonly [
  group: readonly ('who' | 'room')[],
  query: AnyQuery,
  chosen: (visit: RoomVisit) => boolean,
])[] = [
  [['who'], {}, () => true],
  [['room'], { key: { who: 'ann' } }, ({ who }) => who === 'ann'],
  [['room'], { prefix: { who: 'ann' } }, ({ who }) => who.startsWith('ann')],
  [[], {}, () => true],
  [
    [],
    { key: { room: 'hall' }, prefix: { who: 'b' } },
    (v) => v.room === 'hall' && v.who === 'bob',
  ],
];

describe('rows by some parts of the key', () => {
  it('are those of the events themselves, in every kind of window', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.constantFrom(...queries), async (parts, one) => {
        const [group, query, chosen] = one;
        const { world, visits } = await worldOf(parts);
        const [part] = group;
        const events = visits.filter(chosen).map((v) => ({ ...v, who: part ? v[part] : '' }));
        for (const view of roomViews) {
          const found = await rowsOf(world, view, { ...query, group });
          const expected = plainRows(view, events).map(({ start, end, who, ...measures }) => ({
            start: view === 'ever' ? '0000-01-01T00:00:00.000Z' : new Date(start).toISOString(),
            end: view === 'ever' ? '9999-12-31T23:59:59.999Z' : new Date(end).toISOString(),
            key: part ? { [part]: who } : {},
            measures,
          }));
          expect(
            found.map(({ start, end, key, measures }) => ({ start, end, key, measures })),
          ).toEqual(expected);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('may be all parts, which changes nothing, in the order of the definition', async () => {
    const at = noon;
    const { world } = await worldOf([[{ at, who: 'ann', room: 'hall', n: 1 }]]);
    const plain = await world.answer('shifted');
    const grouped = await world.answer('shifted', { group: ['room', 'who', 'room'] });
    const withoutToken = (json: string) => ({ ...JSON.parse(json), token: '' });
    expect(withoutToken(grouped)).toEqual(withoutToken(plain));
  });

  it('can be made of whole windows too, with their ends', async () => {
    const both = { n: 1, who: 'ann' };
    const { world } = await worldOf([
      [
        { ...both, at: noon + 10_000, room: 'hall' },
        { ...both, at: noon + 10_001, room: 'attic' },
      ],
    ]);
    const { rows } = await world.reader().read('hops', {});
    const groups = groupBy(rows, ['who']);
    expect(groups.size).toBe(7);
    expect(groups.end(0) - (groups.starts[0] as number)).toBe(35_000);
    expect(groups.columns[0]!.result(0)).toBe(2);
  });
});

describe('the first rows of each window', () => {
  it('come by window, then in the order asked for, and can be paged', async () => {
    const rows = [3, 1, 2].flatMap((n, i) => {
      const one = { room: 'hall', who: ['ann', 'anna', 'bob'][i]! };
      return [0, 60_000].map((ms) => ({ ...one, at: noon + 7_000 + ms, n: n * (ms + 1) }));
    });
    const { world } = await worldOf([rows]);
    const query = { orderBy: '-total', top: 2 } as AnyQuery;
    const totals = (found: AnyRow[]) => found.map(({ measures }) => measures['total']);
    expect(totals(await rowsOf(world, 'shifted', query))).toEqual([3, 2, 180_003, 120_002]);
    const seen: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: AnyQuery = { ...query, limit: 1, ...(cursor === '' ? {} : { cursor }) };
      const answer = JSON.parse(await world.answer('shifted', page));
      seen.push(...totals(answer.rows));
      cursor = answer.next;
    }
    expect(seen).toEqual([3, 2, 180_003, 120_002]);
  });
});

it('what can not be grouped, begun or topped is told at once', async () => {
  const { world } = await worldOf([]);
  const query = { group: ['whom'], prefix: { rom: '' }, top: 0 } as never;
  await expect(world.answer('shifted', query)).rejects.toMatchObject({
    problems: [
      "there is no key part 'rom'; there are who, room",
      "there is no key part 'whom'; there are who, room",
      'top: must be 1 to 10000',
      'top: needs an order',
    ],
  });
});
