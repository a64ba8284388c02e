import { describe, expect, test } from 'vitest';
import { MemoryEventPublisher } from '../../adapters/memory/memory-event-publisher.ts';
import { MemoryStreamReader } from '../../adapters/memory/memory-stream-reader.ts';
import { type ErrorCode, MillraceError } from '../../core/errors.ts';
import { entrySort, partitionKeyOf } from '../../core/journal/keys.ts';
import { readPartitions } from '../../core/journal/partitions.ts';
import { defaultLimits } from '../../core/limits.ts';
import { Maintenance } from '../../core/maintain.ts';
import type { Idle } from '../../core/plan.ts';
import { minutes, tick } from './fold/events.ts';
import { noon } from './folding.ts';
import { World } from './small-world.ts';

const bound = 10_000;
const minute = 60_000;

/** Partitions with maintenance beside them: events at seconds after noon, arriving at the time of the clock. */
function settling(idle: Idle, partitions = 2) {
  const world = new World([minutes], { partitions });
  world.clock.time = noon;
  const { clock, log, journals } = world;
  const stream = new MemoryStreamReader(log);
  const publisher = new MemoryEventPublisher(log, clock);
  const processor = world.processor(journals, stream);
  const publish = async (partition: number, second: number): Promise<void> => {
    const body = new TextEncoder().encode(JSON.stringify(tick(second)));
    await publisher.publish([{ bucket: partition, bucketCount: partitions, body }]);
  };
  const deliver = async (partition: number): Promise<void> => {
    const { records } = await stream.read(String(partition), 0n, 1_000);
    expect((await world.process(records, String(partition), processor)).failures).toEqual([]);
  };
  /** An event that arrives when it happens, and is processed. */
  const event = async (partition: number, second: number): Promise<void> => {
    clock.time = Math.max(clock.time, noon + second * 1_000);
    await publish(partition, second);
    await deliver(partition);
  };
  const maintenance = new Maintenance({
    sinks: new Map(),
    ...{ journals, readers: [world.reader()], processor, stream, clock, idle },
    ...{ telemetry: world.telemetry, notices: world.queue, random: () => 0.5 },
    retentionSeconds: 86_400,
  });
  /** A round, and those that a minute each lies between. */
  const rounds = async (times = 1, fails = false) => {
    let ticks = 0;
    let failures = 0;
    for (let i = 0; i < times; i += 1) {
      if (i > 0) clock.time += minute;
      const done = await maintenance.run(clock.time + minute);
      failures += done.failures.length;
      ticks += done.ticks;
    }
    expect(failures > 0).toBe(fails);
    return ticks;
  };
  const finalTo = async () => (await readPartitions(journals[0]!))!.finalTo - noon;
  const watermarks = async () =>
    (await world.reader().partitions()).map(({ watermark }) => watermark - noon);
  const finals = async () =>
    (await world.reader().query(minutes, 'v')).rows.map(({ final }) => final);
  return { world, stream, publish, deliver, event, rounds, finalTo, watermarks, finals };
}

describe('what is final', () => {
  test('goes by the slowest partition', async () => {
    const { event, rounds, finalTo, finals } = settling('hold');
    await event(0, 100);
    await event(1, 30);
    await rounds();
    expect(await finalTo()).toBe(30_000 - bound);
    expect(await finals()).toEqual([false, false]);
    await event(1, 75);
    await rounds();
    expect(await finalTo()).toBe(75_000 - bound);
    expect(await finals()).toEqual([true, false]);
  });

  test('waits for a partition that was never seen, and for what waits in it', async () => {
    const { event, rounds, finalTo, publish, world } = settling('hold');
    await event(0, 200);
    await publish(1, 100);
    await rounds();
    expect(await finalTo()).toBeLessThan(0);
    // Nobody processes it: maintenance does, once it has stood still for a round.
    await rounds(2);
    expect(world.telemetry.total('maintain_recovered_records')).toBe(1);
    await rounds();
    expect(await finalTo()).toBe(100_000 - bound);
  });

  test('is not held back by a partition that is idle, and stays final when it wakes up', async () => {
    const { event, rounds, finalTo, finals, watermarks, world } = settling('hold');
    await event(1, 30);
    await event(0, 40);
    await rounds();
    for (const second of [70, 100, 140]) {
      await event(0, second);
      await rounds();
    }
    expect(await watermarks()).toEqual([140_000 - bound, 140_000 - bound]);
    expect(await finalTo()).toBe(140_000 - bound);
    const before = await world.answer('v');
    expect(await finals()).toEqual([true, true, false]);
    await event(1, 50);
    const after = await world.reader().query(minutes, 'v');
    expect(after).toMatchObject({ late: 1 });
    expect(JSON.stringify(JSON.parse(before).rows)).toBe(JSON.stringify(after.rows));
  });

  test('of a partition that still has something to process is not decided by the clock', async () => {
    const { event, publish, rounds, watermarks } = settling('hold');
    await event(1, 30);
    await event(0, 40);
    await rounds();
    await publish(1, 45);
    const { length } = await watermarks();
    expect(length).toBe(2);
    await event(0, 200);
    await rounds();
    expect(await watermarks()).toEqual([200_000 - bound, 30_000 - bound]);
  });
});

describe('nothing becomes final', () => {
  const down = (code: ErrorCode = 'unavailable') => Promise.reject(new MillraceError(code, 'down'));

  test('while a partition of the stream can not begin', async () => {
    const { event, rounds, finalTo, stream } = settling('hold');
    await event(0, 200);
    const { partitions } = stream;
    let asked = 0;
    stream.partitions = () => {
      asked += 1;
      return asked === 1 ? partitions.call(stream) : down('request');
    };
    await rounds(1, true);
    expect(await finalTo()).toBeLessThan(0);
    stream.partitions = partitions;
    await rounds(2);
    await event(0, 400);
    await rounds();
    expect(await finalTo()).toBe(400_000 - bound);
  });

  test('while nobody has looked at a partition', async () => {
    const { event, rounds, finalTo, world } = settling('hold');
    await event(0, 200);
    await event(1, 30);
    const { store } = world;
    const { range } = store;
    store.range = (...args) => (args[0].endsWith('/1') ? down() : range.apply(store, args));
    await rounds(3, true);
    expect(await finalTo()).toBeLessThan(0);
  });
});

test('an idle partition goes as far as the slowest of the others', async () => {
  const { event, rounds, watermarks } = settling('hold', 3);
  await event(2, 30);
  await event(1, 40);
  await event(0, 41);
  await rounds();
  await event(1, 150);
  await event(0, 200);
  await rounds();
  expect(await watermarks()).toEqual([200_000, 150_000, 150_000].map((time) => time - bound));
});

describe('when all partitions are idle', () => {
  test('nothing becomes final where time is held', async () => {
    const { event, rounds, finalTo } = settling('hold');
    await event(0, 100);
    await event(1, 30);
    expect(await rounds(10)).toBe(0);
    expect(await finalTo()).toBe(30_000 - bound);
  });

  test('the clock makes all final, and then the ticks end', async () => {
    const { event, rounds, finals, finalTo, world } = settling('clock');
    await event(0, 100);
    await event(1, 30);
    await rounds();
    world.clock.time += minute;
    expect(await rounds()).toBe(1);
    expect(await finalTo()).toBe(160_000 - minute - bound);
    expect(await rounds(20)).toBeGreaterThan(2);
    expect(await finals()).toEqual([true, true]);
    expect(await rounds(200)).toBeLessThan(2 * 70);
    expect(await rounds(20)).toBe(0);
  });
});

test('a tick loses against an entry that came first', async () => {
  const { event, rounds, watermarks, finalTo, world } = settling('hold');
  await event(1, 30);
  await event(0, 40);
  await rounds();
  await event(0, 200);
  const { store } = world;
  const { create } = store;
  let raced = false;
  store.create = async (...args: Parameters<typeof create>) => {
    if (!raced && args[0].sort.startsWith('e/')) {
      raced = true;
      await event(1, 55);
    }
    return create.apply(store, args);
  };
  expect(await rounds()).toBe(0);
  expect(raced).toBe(true);
  expect(await watermarks()).toEqual([200_000 - bound, 55_000 - bound]);
  expect(await finalTo()).toBe(30_000 - bound);
});

test('a tick goes by a fresh look, since the entry at its number may have come and gone', async () => {
  const { event, rounds, world } = settling('hold');
  await event(1, 30);
  await event(0, 40);
  await rounds();
  await event(0, 200);
  expect(await rounds()).toBe(1);
  const { store, clock } = world;
  const { range } = store;
  clock.time += defaultLimits.warmStateSecondsMax * 1_000;
  await event(0, (clock.time - noon) / 1_000 + 1);
  // The tick of the first round.
  const partition = partitionKeyOf(world.journals[0]!.scope, '1');
  await store.remove({ partition, sort: entrySort(2) });
  store.range = (...args) =>
    args[0].endsWith('/1')
      ? Promise.reject(new MillraceError('unavailable', 'down'))
      : range.apply(store, args);
  expect(await rounds(1, true)).toBe(0);
});

test('an answer that has not seen all calls nothing final that may still change', async () => {
  const { event, rounds, finals, world } = settling('hold');
  await event(0, 40);
  await event(1, 50);
  const { store } = world;
  const { range } = store;
  const old = new Map<string, Awaited<ReturnType<typeof range>>>();
  store.range = async (...args: Parameters<typeof range>) => {
    const items = await range.apply(store, args);
    old.set(args.join(), items);
    return items;
  };
  await finals();
  store.range = range;
  await event(0, 100);
  await event(1, 100);
  await rounds();
  expect(await finals()).toEqual([true, false]);
  store.range = async (...args) => old.get(args.join()) ?? range.apply(store, args);
  expect(await finals()).toEqual([false]);
});
