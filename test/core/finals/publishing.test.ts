import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import { readCursor } from '../../../core/finals/cursor.ts';
import { endStream, readPartitions } from '../../../core/journal/partitions.ts';
import { type Item, type ItemKey, StateStore } from '../../../core/ports/state-store.ts';
import { Random } from '../../../testing/simulation/random.ts';
import { type Delivered, publishing, shownWorld } from './publishing-world.ts';

type Shown = ReturnType<typeof shownWorld>;

const published = ['minutes', 'hops', 'stays', 'days', 'all'];

/** All rows of a view as a query gives them, each as the text of a message would hold it. */
async function rowsOf({ world }: Shown, view: string): Promise<Delivered[]> {
  return JSON.parse(await world.answer(view)).rows;
}

/** A message without what makes it one. */
function rowIn({ view, key, start, end, final, measures }: Delivered): object {
  return { view, key, start, end, final, measures };
}

function byPlace(a: Delivered, b: Delivered): number {
  const [left, right] = [a, b].map(({ end, start, key }) => JSON.stringify([end, start, key]));
  return left! < right! ? -1 : left! > right! ? 1 : 0;
}

describe('publishing', () => {
  test('sends each row once, when it is final and as it stays, in the order of their ends', async () => {
    const shown = shownWorld(publishing());
    const random = new Random(7);
    for (let second = 0; second < 3_600; second += random.int(1, 40)) {
      await shown.event(second % 2, second - random.int(0, 9), `who${random.int(0, 2)}`);
      if (random.chance(0.2)) expect(await shown.round()).toEqual([]);
      if (random.chance(0.2)) await shown.world.compact(String(random.int(0, 1)), 20);
    }
    await shown.round();
    const { finalTo } = (await readPartitions(shown.journal))!;
    for (const view of published) {
      const sent = shown.sink.of('final', view);
      const rows = (await rowsOf(shown, view)).filter(({ final }) => final);
      expect(sent.map(rowIn), view).toEqual(rows.sort(byPlace).map(rowIn));
      expect((await readCursor(shown.journal, view))?.cursor.finalTo).toBe(finalTo);
    }
    const reader = shown.world.reader();
    const upTo = new Date(finalTo).toISOString();
    expect(await reader.published()).toEqual(
      published.map((view) => ({ view, to: 'out', finalTo: upTo, sentTo: upTo })),
    );
    expect(shown.sink.of('final', 'minutes').length).toBeGreaterThan(100);
    expect(shown.sink.of('final', 'all')).toEqual([]);
    await endStream(shown.journal);
    await shown.round();
    for (const view of published) {
      expect(shown.sink.of('final', view).map(rowIn)).toEqual(
        (await rowsOf(shown, view)).sort(byPlace).map(rowIn),
      );
    }
    expect(shown.sink.of('final', 'silent')).toEqual([]);
    expect(shown.sink.of('early')).toEqual([]);
    const total = shown.world.telemetry.total('published_rows');
    expect(total).toBe(shown.sink.texts.length);
    const before = shown.sink.texts.length;
    await shown.round();
    expect(shown.sink.texts.length).toBe(before);
  });

  test('names a row by all that it is of', async () => {
    const shown = shownWorld(publishing(), 1);
    await shown.event(0, 1, 'a"/b');
    await endStream(shown.journal);
    await shown.round();
    const [row] = shown.sink.of('final', 'minutes');
    expect(row).toEqual({
      id: 'shown/1/minutes/2001-01-01T12:00:00.000Z/["a\\"/b"]',
      kind: 'final',
      pipeline: 'shown',
      generation: 1,
      view: 'minutes',
      key: { who: 'a"/b' },
      start: '2001-01-01T12:00:00.000Z',
      end: '2001-01-01T12:01:00.000Z',
      final: true,
      measures: { c: 1 },
    });
    expect(new Set(shown.sink.of('final').map(({ id }) => id)).size).toBe(shown.sink.texts.length);
  });

  test('goes on where it was cut off, in the midst of a window of many rows', async () => {
    const shown = shownWorld(publishing(), 1);
    for (let i = 0; i < 350; i += 1) await shown.event(0, 1, `who${i}`);
    await endStream(shown.journal);
    let calls = 0;
    shown.sink.fault = (taken) => {
      if (!taken) calls += 1;
      if (calls === 3) throw new Error('the process ends here');
    };
    expect((await shown.round()).length).toBe(1);
    const { cursor } = (await readCursor(shown.journal, 'minutes'))!;
    expect(cursor.after).not.toBe(null);
    const end = '9999-12-31T23:59:59.999Z';
    const [minutes, hops] = await shown.world.reader().published();
    expect(minutes).toEqual({ view: 'minutes', to: 'out', finalTo: end, sentTo: null });
    expect(hops).toEqual({ view: 'hops', to: 'out', finalTo: end, sentTo: end });
    shown.sink.fault = () => {};
    expect(await shown.round(shown.maintainer())).toEqual([]);
    const sent = shown.sink.of('final', 'minutes');
    expect(sent).toHaveLength(350);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(350);
  });

  test('sends again what may not have come, and skips nothing, whatever fails', async () => {
    const shown = shownWorld(publishing());
    const random = new Random(3);
    const codes = ['unavailable', 'throttled', 'request'] as const;
    shown.sink.fault = () => {
      if (random.chance(0.3)) throw new MillraceError(random.pick(codes), 'not now');
    };
    const maintainers = [shown.maintainer(), shown.maintainer()];
    for (let second = 0; second < 1_800; second += random.int(1, 60)) {
      await shown.event(second % 2, second, `who${random.int(0, 2)}`);
      if (random.chance(0.5)) await Promise.all(maintainers.map((one) => shown.round(one)));
      if (random.chance(0.3)) await shown.world.compact(String(random.int(0, 1)), 20);
    }
    await endStream(shown.journal);
    shown.sink.fault = () => {};
    await shown.round(shown.maintainer());
    const byId = new Map<string, Set<string>>();
    for (const text of shown.sink.texts) {
      const { id } = JSON.parse(text);
      byId.set(id, (byId.get(id) ?? new Set()).add(text));
    }
    expect([...byId.values()].every(({ size }) => size === 1)).toBe(true);
    expect(shown.sink.texts.length).toBeGreaterThan(byId.size);
    for (const view of published) {
      const sent = new Map(shown.sink.of('final', view).map((one) => [one.id, one]));
      expect([...sent.values()].sort(byPlace).map(rowIn)).toEqual(
        (await rowsOf(shown, view)).sort(byPlace).map(rowIn),
      );
    }
  });

  test('finds what lies years apart, and reads no more at once than may be', async () => {
    const shown = shownWorld(publishing(), 1, { queryRowsMax: 400 });
    const year = 31_557_600;
    for (const from of [-900 * year, -year, 0]) {
      for (let i = 0; i < 150; i += 1) await shown.event(0, from + i * 7, `who${i % 3}`);
      await shown.world.compact('0', 1_000);
    }
    await endStream(shown.journal);
    expect(await shown.round()).toEqual([]);
    expect(shown.sink.of('final', 'minutes').length).toBeGreaterThan(50);
    for (const view of ['minutes', 'stays', 'days', 'all']) {
      expect(shown.sink.of('final', view).map(rowIn), view).toEqual(
        (await rowsOf(shown, view)).sort(byPlace).map(rowIn),
      );
    }
    const hopped = new Set(shown.sink.of('final', 'hops').map(({ id }) => id));
    expect(hopped.size).toBe(shown.sink.of('final', 'hops').length);
    expect(hopped.size).toBeGreaterThan(200);
  });

  test('tells how long rows wait for a sink that takes none, and that it refuses them', async () => {
    const shown = shownWorld(publishing(), 1);
    await shown.event(0, 1, 'a');
    await shown.event(0, 200, 'a');
    shown.sink.fault = () => {
      throw new MillraceError('request', 'the webhook answered 401');
    };
    const failures = await shown.round();
    expect(failures.map((error) => (error as Error).message)).toContain('the webhook answered 401');
    const { telemetry } = shown.world;
    expect(telemetry.total('maintain_failures')).toBe(failures.length);
    const labels = { pipeline: 'shown', view: 'minutes' };
    // Final at second 90; the watermark is at second 190.
    expect(telemetry.value('publish_backlog_seconds', labels)).toBe(100);
    shown.sink.fault = () => {};
    await shown.round();
    expect(telemetry.value('publish_backlog_seconds', labels)).toBe(0);
  });

  test('sends nothing while the beginning of a partition is not to be seen', async () => {
    const shown = shownWorld(publishing());
    for (const second of [1, 300]) {
      for (const partition of [0, 1]) await shown.event(partition, second, 'a');
    }
    // Settles what is final, but its sink takes nothing.
    shown.sink.fault = () => {
      throw new Error('closed');
    };
    await shown.round();
    shown.sink.fault = () => {};
    const blind = { ...shown.journal, store: new BlindStore(shown.world.store, 'shown/1/1') };
    await shown.maintainer(blind).publish(shown.clock.time + 60_000);
    expect(shown.sink.of('final')).toEqual([]);
    await shown.maintainer().publish(shown.clock.time + 60_000);
    expect(shown.sink.of('final', 'minutes')).toMatchObject([{ measures: { c: 2 } }]);
  });
});

/** A store that does not show what stands under one partition key: a read that is behind. */
class BlindStore extends StateStore {
  override readonly itemBytesMax: number;
  private readonly store: StateStore;
  private readonly hidden: string;

  constructor(store: StateStore, hidden: string) {
    super();
    this.itemBytesMax = store.itemBytesMax;
    this.store = store;
    this.hidden = hidden;
  }

  override create(...call: Parameters<StateStore['create']>): Promise<boolean> {
    return this.store.create(...call);
  }

  override replace(...call: Parameters<StateStore['replace']>): Promise<boolean> {
    return this.store.replace(...call);
  }

  override async read(key: ItemKey): Promise<Item | null> {
    return key.partition === this.hidden ? null : this.store.read(key);
  }

  override async range(...call: Parameters<StateStore['range']>): Promise<Item[]> {
    return call[0] === this.hidden ? [] : this.store.range(...call);
  }

  override remove(key: ItemKey): Promise<void> {
    return this.store.remove(key);
  }
}
