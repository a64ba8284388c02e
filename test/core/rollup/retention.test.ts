import { describe, expect, it } from 'vitest';
import { load } from '../../../core/journal/load.ts';
import { endStream } from '../../../core/journal/partitions.ts';
import { scan } from '../../../core/query/scan.ts';
import { removeExpired } from '../../../core/view/expire.ts';
import { Random } from '../../../testing/simulation/random.ts';
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

const retains = { own: 120_000, minutes: 600_000 };
const pipeline = meters({
  retain: '2m',
  rollups: [{ size: '1m', retain: '10m' }, { size: '10m' }],
});
const ten = 10_000;
const iso = (seconds: number): string => new Date(midnight + seconds * 1_000).toISOString();

/** Readings every five seconds, in turns of two partitions. */
function readings(count: number): Reading[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ id: `i${i}`, at: midnight + i * 5_000, meter: `m${i % 2}`, n: i },
  }));
}

/** A world that has seen so many readings; nothing more is final than `settle` makes so. */
async function filled(count: number): Promise<World> {
  const world = new World([pipeline], { partitions: 2 });
  await add(world, count);
  return world;
}

/** Brings in what is missing of so many readings. */
async function add(world: World, count: number): Promise<void> {
  for (const partition of ['0', '1']) {
    const mine = readings(count).filter((_, i) => i % 2 === Number(partition));
    const { state } = await load(world.journals[0]!, partition);
    const done = Number(state.next.position);
    await world.process(recordsOf(mine.slice(done), done), partition);
  }
}

function windows(size: number, from: number) {
  return (at: number): readonly [number, number] | null => {
    const start = at - (at % size);
    return start >= from ? [start, start + size] : null;
  };
}

const pagesOf = async (world: World): Promise<string[]> => {
  const items = await Promise.all(
    ['0', '1'].map((partition) =>
      world.store.range(`meters/1/${partition}`, 'p/v/', 'p/v0', 1_000),
    ),
  );
  return items.flat().map(({ sort }) => sort);
};

describe('what has expired', () => {
  it('is gone from answers of each grain when what is final has passed it, not before', async () => {
    const world = await filled(1_000);
    const all = readings(1_000);
    expect(plain(await answerOf(world))).toEqual(plainRows(all, windows(ten, midnight)));
    expect(await answerOf(world)).toMatchObject({ keptFrom: null });
    const finalTo = await world.settle();
    for (let round = 0; round < 2; round += 1) {
      for (const [grain, size, stored, retain] of [
        [undefined, ten, 10, retains.own],
        ['30s', 30_000, 10, retains.own],
        ['1m', 60_000, 60, retains.minutes],
        ['5m', 300_000, 60, retains.minutes],
        ['20m', 1_200_000, 600, null],
      ] as const) {
        // The first window whose stored windows have all not yet expired.
        const first = retain === null ? midnight : finalTo - retain;
        const from = retain === null ? midnight : first - (first % (stored * 1_000));
        const whole = Math.ceil(from / size) * size;
        const answer = await answerOf(world, grain === undefined ? {} : { grain });
        expect(plain(answer)).toEqual(plainRows(all, windows(size, whole)));
        expect(answer.grainSeconds).toBe(stored);
        expect(answer.keptFrom).toBe(retain === null ? null : new Date(whole).toISOString());
      }
      await world.compact('0');
      await world.compact('1');
    }
  });

  it('is told where a query asks for nothing else, and what there is of coarser grain', async () => {
    const world = await filled(1_000);
    await world.settle();
    const to = iso(600);
    expect(await problemOf(world, { to })).toBe(
      `request: what starts before ${iso(4_870)} has expired; ` +
        `of coarser grain there are windows of 1m from ${iso(4_380)} on, windows of 10m all`,
    );
    expect(await problemOf(world, { to, grain: '2m' })).toMatch(
      /; of coarser grain there are windows of 10m all$/,
    );
    expect(await problemOf(world, { to, grain: '10m' })).toBeNull();
    expect(plain(await answerOf(world, { from: to })).length).toBeGreaterThan(10);
  });

  it('is in no row of a whole range', async () => {
    const world = await filled(1_000);
    await world.settle();
    const of = (from: number, to: number) =>
      ({ grain: 'all', from: iso(from), to: iso(to) }) as const;
    expect(await problemOf(world, of(4_380, 4_980))).toBeNull();
    expect(await problemOf(world, of(4_320, 4_980))).toMatch(
      /^request: what starts before .* has expired/,
    );
    expect(await problemOf(world, of(4_860, 4_990))).toMatch(
      /^request: what starts before .* has expired/,
    );
    expect(await problemOf(world, of(4_870, 4_990))).toBeNull();
    const answer = await answerOf(world, { grain: 'all', to: iso(4_980) });
    expect(answer.keptFrom).toBe(iso(4_380));
    expect(plain(answer)).toEqual(
      plainRows(readings(1_000), (at) =>
        at >= midnight + 4_380_000 && at < midnight + 4_980_000
          ? [midnight + 4_380_000, midnight + 4_980_000]
          : null,
      ),
    );
  });

  it('goes by what is final, so a new partition brings nothing back', async () => {
    const world = await filled(1_000);
    await world.settle();
    const { keptFrom } = await answerOf(world);
    // It begins at what is final, behind the others.
    await world.process([], '2');
    expect((await answerOf(world)).keptFrom).toBe(keptFrom);
  });

  it('goes by the watermark once the stream has ended, and a scan finds the same', async () => {
    const world = await filled(1_000);
    for (const partition of ['0', '1']) await world.compact(partition);
    await endStream(world.journals[0]!);
    const answer = await answerOf(world);
    expect(answer.keptFrom).toBe(iso(4_990 - 120));
    const scanned: number[] = [];
    for await (const { rows, selected } of scan(world.journals[0]!, pipeline.plan.views[0]!)) {
      scanned.push(...selected.map((row) => rows.starts[row] as number));
    }
    expect(scanned).toEqual(plain(answer).map(({ start }) => start));
  });
});

describe('maintenance', () => {
  it('removes pages of which nothing is shown, and no answer changes', async () => {
    const world = await filled(1_000);
    for (const partition of ['0', '1']) await world.compact(partition);
    await world.settle();
    const grains = [{}, { grain: '1m' }, { grain: '10m' }, { grain: '2m' }] as const;
    const answers = () => Promise.all(grains.map((query) => answerOf(world, query)));
    const [before, pages] = [await answers(), await pagesOf(world)];
    expect(await removeExpired(world.journals[0]!)).toBeGreaterThan(100);
    expect(await answers()).toEqual(before);
    const left = await pagesOf(world);
    const of = (sorts: readonly string[], size: number) =>
      sorts.filter((sort) => sort.startsWith(`p/v/${size}/`)).length;
    expect([of(left, ten), of(left, 60_000), of(left, 600_000)]).toEqual([
      6,
      22,
      of(pages, 600_000),
    ]);
    // A second time there is nothing to do, nor is there before enough time has passed.
    expect(await removeExpired(world.journals[0]!)).toBe(0);
    await add(world, 1_004);
    await world.settle();
    expect(await removeExpired(world.journals[0]!)).toBe(0);
  });

  it('removes the objects of pages too large for an item with them, and others of their time', async () => {
    const world = await filled(1_000);
    const journal = world.journals[0]!;
    // Pages are put into objects early.
    const small = { ...journal, limits: { ...journal.limits, entryBytesMax: 120 } };
    for (const partition of ['0', '1']) await world.compact(partition, 1_000, small);
    const names = () => world.objects.list('pages/meters/1/0/p/v/10000/', '', 1_000);
    const stray =
      'pages/meters/1/0/p/v/10000/2001-01-01T00:00:00.000Z/00000000000000000000/0123456789abcdef';
    await world.objects.put(stray, new Uint8Array(1));
    await world.settle();
    const before = await names();
    await removeExpired(journal);
    const after = await names();
    expect(before).toContain(stray);
    expect(after.length).toBeGreaterThan(1);
    expect(after).toEqual(
      before.filter((name) => name > `pages/meters/1/0/p/v/10000/${iso(4_860)}`),
    );
  });

  it('takes a page that an entry behind the head brought back, the next time', async () => {
    const world = await filled(100);
    for (const partition of ['0', '1']) await world.compact(partition);
    await add(world, 1_000);
    await world.settle();
    const pages = await pagesOf(world);
    await removeExpired(world.journals[0]!);
    expect(await pagesOf(world)).not.toContain(pages[0]);
    const answer = plain(await answerOf(world));
    for (const partition of ['0', '1']) await world.compact(partition);
    const back = (await pagesOf(world)).filter((sort) => sort < `p/v/10000/${iso(4_860)}`);
    expect(back.length).toBeGreaterThan(0);
    expect(plain(await answerOf(world))).toEqual(answer);
    await add(world, 1_020);
    await world.settle();
    await removeExpired(world.journals[0]!);
    expect(await pagesOf(world)).not.toContain(back[0]);
  });
});

describe('a warm reader', () => {
  it('never shows again what was gone, and never less than the rest', async () => {
    const random = new Random(7);
    const world = await filled(2);
    const reader = world.reader();
    const journal = world.journals[0]!;
    let from = 0;
    for (let count = 40; count < 800; count += random.int(1, 40)) {
      await add(world, count);
      if (random.chance(0.5)) await world.compact(random.pick(['0', '1']));
      const finalTo = random.chance(0.5) ? await world.settle() : null;
      if (random.chance(0.3)) await removeExpired(journal);
      const { rows, keptFrom } = JSON.parse(await reader.queryJson('v', { limit: 10_000 }));
      const kept = keptFrom === null ? midnight : Date.parse(keptFrom);
      expect(kept).toBeGreaterThanOrEqual(from);
      if (finalTo !== null) expect(finalTo - kept).toBeLessThan(retains.own + ten);
      from = kept;
      expect(plain({ rows } as never)).toEqual(plainRows(readings(count), windows(ten, kept)));
    }
    expect(from).toBeGreaterThan(midnight + 600_000);
  });
});
