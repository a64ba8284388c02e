import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entrySort, partitionKeyOf, partitionsKey } from '../../../core/journal/keys.ts';
import { addPartitions, endStream, readFinality } from '../../../core/journal/partitions.ts';
import type { ItemKey, StateStore } from '../../../core/ports/state-store.ts';
import type { AnyRow } from '../../../core/query/answer.ts';
import type { Changes } from '../../../core/query/format.ts';
import type { AnyQuery } from '../../../core/query/query.ts';
import { Reader } from '../../../core/query/reader.ts';
import { World } from '../small-world.ts';
import { type RoomVisit, roomsPipeline, roomViews, visitsRecord } from './rooms.ts';

const noon = Date.UTC(2001, 0, 1, 12);
const visit = fc.record({
  at: fc.integer({ min: 0, max: 150_000 }).map((ms) => noon + ms),
  who: fc.constantFrom('ann', 'anna', 'bob'),
  room: fc.constantFrom('hall', 'attic'),
  n: fc.integer({ min: -3, max: 3 }),
});
const partition = fc.constantFrom('0', '1');
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      to: partition,
      visits: fc.array(visit, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ compact: partition, entries: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ raise: fc.integer({ min: 0, max: 400_000 }) }) },
  { weight: 5, arbitrary: fc.record({ poll: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ end: fc.constant(true) }) },
);
const range = {
  from: new Date(noon + 20_000).toISOString(),
  to: new Date(noon + 90_000).toISOString(),
};
const queries: readonly AnyQuery[] = [
  {},
  range,
  { ...range, group: ['room'] } as AnyQuery,
  { group: [], key: { who: 'ann' } },
  { prefix: { who: 'ann' } },
  { limit: 3 },
  { orderBy: '-total', limit: 4 } as AnyQuery,
  { orderBy: '-total', top: 1, group: ['who'] } as AnyQuery,
];

/** What a client holds, by the rules of the documentation and no others. */
class Client {
  rows: AnyRow[] = [];
  token: string | null = null;
  resets = 0;

  take({ rows, gone, expiredTo, reset, token }: Changes<AnyRow>): void {
    const name = (key: object) => JSON.stringify(key);
    if (reset) this.rows = [];
    this.resets += reset ? 1 : 0;
    this.rows = this.rows.filter(
      (row) =>
        !(expiredTo !== null && Date.parse(row.end) <= Date.parse(expiredTo)) &&
        !gone.some(
          ({ key, start, end }) =>
            name(key) === name(row.key) && row.start >= start && row.start < end,
        ) &&
        !rows.some(({ key, start }) => name(key) === name(row.key) && start === row.start),
    );
    this.rows.push(...rows);
    this.token = token;
  }
}

const sorted = (rows: readonly AnyRow[]) => rows.map((row) => JSON.stringify(row)).sort();

describe('changes', () => {
  it.each(
    roomViews.flatMap((view) => (['0s', '10m'] as const).map((late) => [view, late] as const)),
  )(
    'of %s with lateness %s, taken in turn, give the answer as it is',
    async (view, lateness) => {
      const pipeline = roomsPipeline(
        view === 'ever' || lateness === '10m' ? { lateness } : { lateness, retain: '2m' },
      );
      const steps = fc.array(step, { minLength: 6, maxLength: 24 });
      await fc.assert(
        fc.asyncProperty(steps, fc.constantFrom(...queries), async (all, asked) => {
          const query = view === 'ever' ? { ...asked, from: undefined, to: undefined } : asked;
          const world = new World([pipeline], { partitions: 2 });
          const writer = world.processor();
          const readers = [world.reader(), world.reader()];
          const client = new Client();
          const positions: Record<string, number> = { '0': 0, '1': 0 };
          for (const [i, one] of [...all, { poll: true }, { poll: false }].entries()) {
            if ('visits' in one) {
              const visits = one.visits.map((each, n): RoomVisit => ({ ...each, id: `${i}.${n}` }));
              const record = visitsRecord(positions[one.to]!, visits);
              positions[one.to]! += 1;
              await world.process([record], one.to, writer);
            } else if ('compact' in one) await world.compact(one.compact, one.entries);
            else if ('raise' in one) {
              const marks = (await readers[0]!.partitions()).map(({ watermark }) => watermark);
              const to = Math.min(noon + one.raise, ...marks);
              const stored = await readFinality(world.journals[0]!);
              if (stored && to > stored.partitions.finalTo) await stored.raise(to);
            } else if ('end' in one) await endStream(world.journals[0]!);
            else {
              const reader = readers[one.poll ? 0 : 1]!;
              const { text } = await reader.changesJson(view, query as AnyQuery, client.token);
              client.take(JSON.parse(text));
              const answer = JSON.parse(await world.reader().queryJson(view, query as AnyQuery));
              expect(sorted(client.rows)).toEqual(sorted(answer.rows));
            }
          }
        }),
        { numRuns: 60 },
      );
    },
    120_000,
  );
});

const plain = roomsPipeline({ lateness: '10m' });

async function filled(count = 3) {
  const world = new World([plain]);
  const put = async (position: number, visits: readonly Partial<RoomVisit>[]) => {
    const whole = visits.map((one, i) => {
      const base = { id: `${position}.${i}`, who: 'ann', room: 'hall', n: 1 };
      return { ...base, at: noon + 10_000, ...one };
    });
    await world.process([visitsRecord(position, whole)]);
  };
  for (let i = 0; i < count; i += 1) await put(i, [{ at: noon + i * 30_000 }]);
  const reader = world.reader();
  const ask = async (since: string | null, query: AnyQuery = {}, by: Reader = reader) =>
    JSON.parse((await by.changesJson('shifted', query, since)).text) as Changes<AnyRow>;
  return { world, put, ask };
}

describe('a token', () => {
  it('brings only the rows that have changed, also those that a compaction has moved', async () => {
    const { world, put, ask } = await filled();
    const first = await ask(null);
    expect(first).toMatchObject({ reset: true, gone: [], expiredTo: null, rows: { length: 3 } });
    expect(await ask(first.token)).toMatchObject({ reset: false, rows: [] });
    await put(3, [{ at: noon + 30_001 }]);
    await world.compact();
    await put(4, [{ at: noon + 60_001 }]);
    const next = await ask(first.token, {}, world.reader());
    expect(next).toMatchObject({ reset: false, rows: { length: 2 } });
    expect(next.rows.map(({ measures }) => measures['visits'])).toEqual([2, 2]);
  });

  it('of an answer to a plain query is one too', async () => {
    const { world, put, ask } = await filled();
    const { token } = JSON.parse(await world.reader().queryJson('shifted', {}));
    await put(3, [{}]);
    expect(await ask(token)).toMatchObject({ reset: false, rows: { length: 1 } });
  });

  it('of another question or definition brings everything', async () => {
    const { ask } = await filled();
    const { token } = await ask(null, { key: { who: 'ann' } });
    expect(await ask(token, {})).toMatchObject({ reset: true, rows: { length: 3 } });
  });

  it('brings everything where the entries behind it have expired', async () => {
    const { world, put, ask } = await filled();
    const { token } = await ask(null);
    await put(3, [{}]);
    await world.compact();
    const pk = partitionKeyOf(world.journals[0]!.scope, '0');
    await world.store.remove({ partition: pk, sort: entrySort(4) });
    expect(await ask(token, {}, world.reader())).toMatchObject({
      reset: true,
      rows: { length: 4 },
    });
  });

  it('is never answered from a state that is behind it, unless it is one that was begun anew', async () => {
    const { world, put, ask } = await filled();
    await put(3, [{}]);
    const { token } = await ask(null);
    const other = new World([plain]);
    await other.process([visitsRecord(0, [{ id: 'x', at: noon, who: 'a', room: 'b', n: 1 }])]);
    const behind = other.reader();
    await expect(ask(token, {}, behind)).rejects.toMatchObject({ code: 'unavailable' });
    other.clock.time = world.clock.time + 60_001;
    expect(await ask(token, {}, behind)).toMatchObject({ reset: true, rows: { length: 1 } });
  });

  it('of an answer in an order brings all of it when it has changed, and nothing otherwise', async () => {
    const { put, ask } = await filled();
    const query = { orderBy: '-total', limit: 2 } as AnyQuery;
    const first = await ask(null, query);
    await put(3, [{ at: noon + 60_001, n: 0 }]);
    const none = await ask(first.token, query);
    expect(none).toMatchObject({ reset: false, rows: [] });
    await put(4, [{ at: noon + 30_001, n: 5 }]);
    expect(await ask(none.token, query)).toMatchObject({ reset: true, rows: { length: 2 } });
  });

  it('keeps final what was, where the list of partitions is read as it was before', async () => {
    const { world, ask } = await filled();
    const journal = world.journals[0]!;
    const old = await world.store.read(partitionsKey(journal.scope));
    await (await readFinality(journal))!.raise(noon);
    const stale: StateStore = Object.assign(Object.create(world.store), {
      read: (key: ItemKey) => (key.sort === 'partitions' ? old : world.store.read(key)),
    });
    const { token, rows } = await ask(null);
    expect(rows.map(({ state }) => state)).toEqual(['closing', 'closing', 'open']);
    await endStream(journal);
    const final = await ask(token);
    expect(final.rows.map(({ state }) => state)).toEqual(['final', 'final', 'final']);
    const behind = new Reader(world.journal(plain, stale), world.stream, world.clock);
    expect(await ask(final.token, {}, behind)).toMatchObject({ reset: false, rows: [] });
  });

  it('brings back what was past its time, where the list of partitions is read as it was before', async () => {
    const short = roomsPipeline({ lateness: '0s', retain: '2m' });
    const world = new World([short]);
    const put = (position: number, at: number) =>
      world.process([visitsRecord(position, [{ id: 'a', at, who: 'a', room: 'b', n: 1 }])]);
    const ask = async (since: string | null, by = world.reader()) =>
      (await by.changes(short as never, 'shifted' as never, since)) as Changes<AnyRow>;
    await put(0, noon);
    await put(1, noon + 600_000);
    const journal = world.journals[0]!;
    const old = await world.store.read(partitionsKey(journal.scope));
    await (await readFinality(journal))!.raise(noon + 600_000);
    const stale: StateStore = Object.assign(Object.create(world.store), {
      read: (key: ItemKey) => (key.sort === 'partitions' ? old : world.store.read(key)),
    });
    const first = await ask(null);
    expect(first.rows).toHaveLength(1);
    const behind = new Reader(world.journal(short, stale), world.stream, world.clock);
    const next = await ask(first.token, behind);
    expect(next).toMatchObject({ reset: false, expiredTo: null, rows: { length: 1 } });
  });

  it.each(['', 'x', 'W10', 'bnVsbA', 'WzEsMiwzLDQsNSxbXV0'])('is not %j', async (since) => {
    const { ask } = await filled();
    await expect(ask(since)).rejects.toMatchObject({ code: 'request', message: /^since: / });
  });
});

it('calls nothing final of a partition whose beginning a stale read does not show', async () => {
  const { world } = await filled();
  const journal = world.journals[0]!;
  await (await readFinality(journal))!.raise(noon + 30_000);
  const stale: StateStore = Object.assign(Object.create(world.store), {
    range: async (...args: Parameters<StateStore['range']>) =>
      args[1].startsWith('e/') ? [] : world.store.range(...args),
  });
  const behind = new Reader(world.journal(plain, stale), world.stream, world.clock);
  const { rows, finalTo } = await behind.read('shifted', {});
  expect([rows.size, finalTo]).toEqual([0, -8_640_000_000_000_000]);
  // One that is only just listed takes nothing back: it begins there or later.
  await addPartitions(journal, ['1'], 0);
  expect((await world.reader().read('shifted', {})).finalTo).toBe(noon + 30_000);
});

describe('an entity tag', () => {
  it('stays while nothing that the answer is computed from changes, whoever computes it', async () => {
    const { world, put } = await filled();
    const tag = async (query: AnyQuery = {}, format: 'rows' | 'csv' = 'rows') => {
      const tags = [
        await world.reader().etag('shifted', query, format),
        (await world.reader().text('shifted', query, format)).etag,
      ];
      expect(tags[0]).toBe(tags[1]);
      return tags[0];
    };
    const before = await tag();
    await world.compact();
    world.clock.time += 10_000;
    expect(await tag()).toBe(before);
    const others = [await tag({ limit: 5 }), await tag({}, 'csv'), await tag({ group: ['who'] })];
    await put(3, [{}]);
    others.push(await tag());
    await (await readFinality(world.journals[0]!))!.raise(noon);
    others.push(await tag());
    expect(new Set([before, ...others]).size).toBe(6);
    expect(before).toMatch(/^W\/"[0-9a-z]+"$/);
  });
});
