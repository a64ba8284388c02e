import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import { endStream } from '../../../core/journal/partitions.ts';
import { type Delivered, publishing, shownWorld } from './publishing-world.ts';

const every = 60_000;

/** What an early update says. */
function told({ key, start, end, measures }: Delivered): string {
  return `${key['who']} ${start.slice(11, 19)} ${end.slice(11, 19)} ${measures['c']}`;
}

function earlyWorld(partitions = 1) {
  const shown = shownWorld(publishing({ early: '1m' }), partitions);
  /** What a round sends after so long. */
  const next = async (view: string, ms = every): Promise<string[]> => {
    shown.clock.time += ms;
    const before = shown.sink.of('early', view).length;
    await shown.round();
    return shown.sink.of('early', view).slice(before).map(told);
  };
  return { ...shown, next };
}

describe('early updates', () => {
  test('come at their interval, of the rows that have changed since the last ones', async () => {
    const { event, next, sink } = earlyWorld();
    await event(0, 1, 'a');
    await event(0, 2, 'b');
    expect(await next('minutes')).toEqual(['a 12:00:00 12:01:00 1', 'b 12:00:00 12:01:00 1']);
    expect(await next('minutes')).toEqual([]);
    await event(0, 3, 'b');
    expect(await next('minutes', every - 1)).toEqual([]);
    expect(await next('minutes', 1)).toEqual(['b 12:00:00 12:01:00 2']);
    const [first, , last] = sink.of('early', 'minutes');
    expect(first).toMatchObject({ kind: 'early', final: false });
    expect(last!.revision).toBeGreaterThan(first!.revision!);
  });

  test('are of every window that an event is in, put together from panes or not', async () => {
    const { event, next } = earlyWorld();
    await event(0, 1, 'a');
    await next('stays');
    await event(0, 20, 'a');
    await event(0, 21, 'b');
    expect(await next('stays')).toEqual(['a 12:00:01 12:00:50 2', 'b 12:00:21 12:00:51 1']);
    await event(0, 25, 'a');
    expect(await next('hops')).toHaveLength(10);
    await event(0, 26, 'a');
    expect(await next('all')).toEqual(['undefined 00:00:00 23:59:59 5']);
  });

  test('are of all open rows when nobody knows any more what has changed', async () => {
    const { event, next, world } = earlyWorld();
    await event(0, 1, 'a');
    await next('minutes');
    await event(0, 2, 'b');
    await world.compact();
    const entries = await world.store.range('shown/1/0', 'e/', 'e0', 100);
    for (const { sort } of entries.slice(1)) {
      await world.store.remove({ partition: 'shown/1/0', sort });
    }
    expect(await next('minutes')).toEqual(['a 12:00:00 12:01:00 1', 'b 12:00:00 12:01:00 1']);
  });

  test('go on in the next round where the time was over', async () => {
    const { event, sink, clock, maintenance, next } = earlyWorld();
    for (let i = 100; i < 350; i += 1) await event(0, 1, `who${i}`);
    clock.time += every;
    sink.fault = (taken) => {
      if (taken) clock.time += every;
    };
    await maintenance.publish(clock.time + 1);
    expect(sink.of('early', 'minutes')).toHaveLength(100);
    sink.fault = () => {};
    await event(0, 2, 'who101');
    await next('minutes', 0);
    expect(new Set(sink.of('early', 'minutes').map(({ id }) => id)).size).toBe(250);
    // What changed behind the place that the first part had reached is told the next time.
    expect(await next('minutes')).toContain('who101 12:00:00 12:01:00 2');
  });

  test('come again when a sink has failed, and end with what is final', async () => {
    const { event, sink, next, round, journal } = earlyWorld();
    await event(0, 1, 'a');
    sink.fault = () => {
      throw new MillraceError('request', 'refused');
    };
    expect(await next('minutes')).toEqual([]);
    sink.fault = () => {};
    expect(await next('minutes', 0)).toEqual(['a 12:00:00 12:01:00 1']);
    await event(0, 2, 'a');
    await endStream(journal);
    await round();
    expect(sink.of('early', 'minutes')).toHaveLength(1);
    expect(sink.of('final', 'minutes').map(told)).toEqual(['a 12:00:00 12:01:00 2']);
    expect(sink.of('final', 'minutes')[0]!.id).toBe(sink.of('early', 'minutes')[0]!.id);
  });
});
