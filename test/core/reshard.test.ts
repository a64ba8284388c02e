import { describe, expect, test } from 'vitest';
import { MemoryEventPublisher } from '../../adapters/memory/memory-event-publisher.ts';
import { hash64 } from '../../core/hash.ts';
import { entrySort, partitionKeyOf } from '../../core/journal/keys.ts';
import { addPartitions, readPartitions } from '../../core/journal/partitions.ts';
import { renewDue } from '../../core/journal/renew.ts';
import { Maintenance } from '../../core/maintain.ts';
import { Reader } from '../../core/query/reader.ts';
import { Random } from '../simulation/random.ts';
import { minutes, type Tick, tick } from './fold/events.ts';
import { World } from './small-world.ts';

const buckets = 64;
const bucketOf = ({ who }: Tick): number => Number(hash64(who) % BigInt(buckets));

/** A stream whose partitions split and merge, with gaps in its positions as far as anybody can tell. */
function resharding(partitions = 1) {
  const world = new World([minutes], { partitions });
  const { log, stream } = world;
  const publisher = new MemoryEventPublisher(log, world.clock);
  const publish = async (...events: Tick[]): Promise<void> => {
    for (const event of events) {
      const body = new TextEncoder().encode(JSON.stringify(event));
      await publisher.publish([{ bucket: bucketOf(event), bucketCount: buckets, body }]);
      world.clock.time += 1;
    }
  };
  /** Delivers what a partition holds, cold, from its beginning on. */
  const deliver = async (partition: number, limit = 1_000): Promise<void> => {
    const { records } = await stream.read(String(partition), 0n, limit);
    const { failures } = await world.process(records, String(partition));
    expect(failures).toEqual([]);
  };
  const counts = async () => {
    const all = (await world.reader().partitions()).map((one) => one.counts);
    const sum = (of: (one: (typeof all)[0]) => number) => all.reduce((n, one) => n + of(one), 0);
    return {
      received: sum(({ received }) => received),
      accepted: sum(({ accepted }) => accepted),
      duplicates: sum(({ duplicates }) => duplicates),
    };
  };
  const partitionsNow = async () => {
    const { active, everSeen } = (await readPartitions(world.journals[0]!))!;
    return { active, everSeen };
  };
  return { world, log, stream, publish, deliver, counts, partitionsNow };
}

const people = Array.from({ length: 20 }, (_, i) => `w${i}`);
const round = (second: number): Tick[] => people.map((who) => tick(second, { who }));

describe('a split', () => {
  test('seals the parent, and its ids are found again in both children', async () => {
    const { log, publish, deliver, counts, partitionsNow } = resharding();
    const events = round(0);
    await publish(...events);
    await deliver(0);
    log.split(0);
    await publish(...events, ...round(1));
    await deliver(1);
    expect(await partitionsNow()).toEqual({ active: ['1', '2'], everSeen: ['0', '1', '2'] });
    await deliver(2);
    expect(await counts()).toEqual({ received: 60, accepted: 40, duplicates: 20 });
  });

  test('is waited for until all of the parent is in the journal, whoever brings it', async () => {
    const { log, publish, deliver, counts, world } = resharding();
    const events = round(0);
    await publish(...events);
    await deliver(0, 3);
    log.split(0);
    await publish(...events);
    await deliver(2);
    await deliver(1);
    expect(await counts()).toEqual({ received: 40, accepted: 20, duplicates: 20 });
    await deliver(0);
    expect(await counts()).toEqual({ received: 40, accepted: 20, duplicates: 20 });
    expect(await world.entries('0')).toBe(1 + 1 + 1 + 1);
  });

  test('of a split keeps the ids of the first parent, those in pages too', async () => {
    const { log, publish, deliver, counts, world } = resharding();
    const events = round(0);
    await publish(...events);
    await deliver(0);
    log.split(0);
    await publish(...round(1));
    await deliver(1);
    await deliver(2);
    for (const partition of ['0', '1', '2']) await world.compact(partition);
    log.split(1);
    await publish(...events);
    for (const partition of [2, 3, 4]) await deliver(partition);
    await world.compact('3');
    await publish(...events);
    for (const partition of [2, 3, 4]) await deliver(partition);
    expect(await counts()).toEqual({ received: 80, accepted: 40, duplicates: 40 });
  });

  test('hands on no ids that can not come again', async () => {
    const { log, publish, deliver, world } = resharding();
    await publish(...round(0));
    await deliver(0);
    log.split(0);
    await publish(...round(600));
    await deliver(1);
    await deliver(1);
    await world.compact('1');
    const { journals, store } = world;
    const reads: string[] = [];
    const watching = Object.assign(Object.create(store), {
      range: (partition: string, ...rest: [string, string, number]) => {
        reads.push(partition);
        return store.range(partition, ...rest);
      },
    });
    const journal = { ...journals[0]!, store: watching };
    const { records } = await world.stream.read('1', 0n, 1);
    await world.process(records, '1', world.processor([journal]));
    expect(reads).toEqual([partitionKeyOf(journal.scope, '1')]);
  });

  test('of an empty partition leaves nothing behind but its name', async () => {
    const { log, publish, deliver, counts, partitionsNow } = resharding();
    log.split(0);
    await publish(...round(0));
    await deliver(1);
    await deliver(2);
    expect(await counts()).toEqual({ received: 20, accepted: 20, duplicates: 0 });
    expect((await partitionsNow()).active).toEqual(['1', '2']);
  });
});

describe('a merge', () => {
  test('goes on where the later parent stood, with the ids of both', async () => {
    const { log, publish, deliver, counts, world } = resharding(2);
    const events = round(0);
    await publish(...events);
    await publish(
      ...people.filter((who) => bucketOf(tick(0, { who })) < 32).map((who) => tick(30, { who })),
    );
    await deliver(0);
    await deliver(1);
    const before = (await world.reader().partitions()).map(({ watermark }) => watermark);
    expect(before[0]).toBeGreaterThan(before[1]!);
    log.merge(0, 1);
    await publish(...events);
    await world.process([], '2');
    const [, , child] = await world.reader().partitions();
    expect(child!.watermark).toBe(before[0]);
    await deliver(2);
    expect((await counts()).duplicates).toBe(20);
  });
});

describe('what children need of their parents', () => {
  test('lives on as long as they do', async () => {
    const { log, publish, deliver, counts, world } = resharding();
    const events = round(0);
    await publish(...events);
    await deliver(0);
    log.split(0);
    await deliver(1);
    const far = world.clock.time + 10 * 86_400_000;
    const never = { renewedAt: 0, renewing: null };
    const { renewed } = await renewDue(world.journals[0]!, '1', never, {
      ...{ now: far, lifeMs: 86_400_000, hasTime: () => true },
    });
    // The run, and what seals it.
    expect(renewed).toBe(2);
    world.store.sweep(far / 1000);
    await publish(...events);
    await deliver(1);
    await deliver(2);
    expect(await counts()).toEqual({ received: 40, accepted: 20, duplicates: 20 });
  });

  test('is nothing where one was listed, and forgotten by the stream before its journal began', async () => {
    const { log, publish, world, stream, counts, partitionsNow } = resharding();
    await addPartitions(world.journals[0]!, ['0'], 0);
    log.split(0);
    await publish(...round(0));
    const forgetful = new Proxy(stream, {
      get: (of, name) => {
        if (name === 'partitions') return async () => (await of.partitions()).slice(1);
        if (name === 'bounds') {
          return (partition: string) => of.bounds(partition === '0' ? 'forgotten' : partition);
        }
        return Reflect.get(of, name).bind?.(of) ?? Reflect.get(of, name);
      },
    });
    const by = world.processor(world.journals, forgetful);
    for (const partition of ['1', '2']) {
      const { records } = await stream.read(partition, 0n, 1_000);
      expect((await world.process(records, partition, by)).failures).toEqual([]);
    }
    expect(await counts()).toMatchObject({ accepted: 20 });
    expect(await partitionsNow()).toEqual({ active: ['1', '2'], everSeen: ['0', '1', '2'] });
  });

  test('stops them when it is gone', async () => {
    const { log, publish, deliver, world } = resharding();
    await publish(...round(0));
    await deliver(0);
    log.split(0);
    await deliver(1);
    world.store.sweep((world.clock.time + 10 * 86_400_000) / 1000);
    await publish(...round(1));
    const { records } = await world.stream.read('1', 0n, 10);
    const { failures } = await world.process(records, '1');
    expect(String(failures[0]?.error)).toMatch(/minutes\/1\/0\D.*needed is gone.*'1'/);
  });
});

test('a read that has not seen a parent to its end does not go by the watermark of the children', async () => {
  const { log, publish, deliver, world } = resharding();
  await publish(...round(0));
  await deliver(0);
  const before = (await world.reader().query(minutes, 'v')).watermark;
  await publish(...round(40));
  log.split(0);
  await deliver(1);
  const { store, journals, stream, clock } = world;
  const stale = Object.assign(Object.create(store), {
    range: async (partition: string, from: string, to: string, limit: number) => {
      const items = await store.range(partition, from, to, limit);
      const isParent = partition === partitionKeyOf(journals[0]!.scope, '0');
      return isParent ? items.filter(({ sort }) => sort <= entrySort(1)) : items;
    },
  });
  const behind = new Reader({ ...journals[0]!, store: stale }, stream, clock);
  expect((await behind.query(minutes, 'v')).watermark).toBe(before);
  expect((await world.reader().query(minutes, 'v')).watermark).not.toBe(before);
});

test('maintenance begins the children of a partition that was split in silence', async () => {
  const { log, publish, deliver, partitionsNow, world } = resharding();
  await publish(...round(0));
  await deliver(0);
  log.split(0);
  const maintenance = new Maintenance({
    ...{ journals: world.journals, readers: [world.reader()], processor: world.processor() },
    ...{ clock: world.clock, telemetry: world.telemetry, notices: world.queue },
    ...{ stream: world.stream, random: () => 0.5, retentionSeconds: 86_400, idle: 'hold' as const },
  });
  expect(await maintenance.run(world.clock.time + 60_000)).toMatchObject({ failures: [] });
  expect(await partitionsNow()).toEqual({ active: ['1', '2'], everSeen: ['0', '1', '2'] });
  const watermarks = (await world.reader().partitions()).map(({ watermark }) => watermark);
  expect(new Set(watermarks).size).toBe(1);
});

test('any order of splits, merges, deliveries and repeats counts every id once', async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = new Random(seed);
    const { log, publish, deliver, counts, world } = resharding(2);
    const ids = new Set<string>();
    const sent: Tick[] = [];
    let open = [0, 1];
    for (let second = 0; second < 30; second += 1) {
      const fresh = tick(second, { who: random.pick(people) });
      const again = sent.length > 0 && random.chance(0.4) ? [random.pick(sent)] : [];
      await publish(fresh, ...again);
      sent.push(fresh, ...again);
      ids.add(fresh.id);
      if (random.chance(0.15)) {
        const at = random.int(0, open.length - 1);
        const last = log.partitions;
        if (random.chance(0.5) || at + 1 === open.length) {
          log.split(open[at]!);
          open = open.toSpliced(at, 1, last, last + 1);
        } else {
          log.merge(open[at]!, open[at + 1]!);
          open = open.toSpliced(at, 2, last);
        }
      }
      const partition = random.int(0, log.partitions - 1);
      if (random.chance(0.6)) await deliver(partition, random.int(1, 9));
      if (random.chance(0.2)) await world.compact(String(partition), random.int(1, 4));
    }
    for (let partition = 0; partition < log.partitions; partition += 1) await deliver(partition);
    const received = sent.length;
    const expected = { received, accepted: ids.size, duplicates: received - ids.size };
    expect([seed, await counts()]).toEqual([seed, expected]);
  }
});
