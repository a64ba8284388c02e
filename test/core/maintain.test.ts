import { describe, expect, test } from 'vitest';
import { MemoryStreamReader } from '../../adapters/memory/memory-stream-reader.ts';
import { MillraceError } from '../../core/errors.ts';
import { stillNeeded } from '../../core/journal/needed.ts';
import { deadReasons, indexNotice } from '../../core/poison.ts';
import { bad, day, event, tended } from './tended.ts';

describe('records that nobody processes', () => {
  test('are processed once nothing has moved for a round', async () => {
    const { publish, process, round, status, maintenance } = tended();
    await publish(0, 9);
    await process(0, 5);
    const keeper = maintenance();
    expect(await round(keeper)).toMatchObject({ recovered: 0, failures: [] });
    expect(await round(keeper)).toMatchObject({ recovered: 4, failures: [] });
    expect((await status()).counts).toMatchObject({ received: 9, lost: 0 });
    expect(await round(keeper)).toMatchObject({ recovered: 0 });
  });

  test('are left to the processors while those get on', async () => {
    const { publish, process, round, maintenance } = tended();
    await publish(0, 9);
    const keeper = maintenance();
    for (let at = 0; at < 8; at += 2) {
      await process(at, at + 2);
      expect(await round(keeper)).toMatchObject({ recovered: 0 });
    }
  });

  test('are found in a partition that never had a batch', async () => {
    const { world, publish, round, status, maintenance } = tended();
    const keeper = maintenance();
    expect(await round(keeper)).toMatchObject({ recovered: 0, failures: [] });
    await publish(0, 3);
    expect(await round(keeper)).toMatchObject({ recovered: 0 });
    world.clock.time += 61_000;
    expect(await round(keeper)).toMatchObject({ recovered: 3 });
    expect((await status()).counts.accepted).toBe(3);
  });
});

describe('a round', () => {
  test('finds what stands still although each is another instance', async () => {
    const { publish, process, round, status } = tended();
    await publish(0, 9);
    await process(0, 5);
    expect(await round()).toMatchObject({ recovered: 0 });
    expect(await round()).toMatchObject({ recovered: 4 });
    expect((await status()).counts.received).toBe(9);
  });

  test('cares for the other partitions when one is damaged', async () => {
    const { world, publish, round } = tended({ partitions: 3 });
    const stream = new MemoryStreamReader(world.log);
    for (const partition of [0, 1, 2]) {
      await publish(partition * 10, partition * 10 + 3, event, [partition, 3]);
      const { records } = await stream.read(String(partition), 0n, 9);
      await world.process(records, String(partition), world.processor(world.journals, stream));
    }
    const key = { partition: 'minutes/1/0', sort: 'e/00000000000000000001' };
    const item = (await world.store.read(key))!;
    await world.store.replace(key, item.body.with(20, item.body[20]! ^ 1), item.version);
    world.clock.time += 61_000;
    const { compacted, failures } = await round();
    expect(compacted).toBe(4);
    expect(failures).toMatchObject([{ what: 'minutes, partition 0', error: { code: 'damaged' } }]);
  });

  test('that ran out of time says so, and the next one begins with the rest', async () => {
    const { world, publish, round, maintenance } = tended({ partitions: 4 });
    const stream = new MemoryStreamReader(world.log);
    for (const partition of [0, 1, 2, 3]) {
      await publish(partition * 10, partition * 10 + 1, event, [partition, 4]);
      const { records } = await stream.read(String(partition), 0n, 9);
      await world.process(records, String(partition), world.processor(world.journals, stream));
    }
    const { clock } = world;
    const create = world.store.create.bind(world.store);
    world.store.create = (...args) => {
      clock.time += 31_000;
      return create(...args);
    };
    const keeper = maintenance();
    const cared = (): unknown[] =>
      world.telemetry
        .figures()
        .filter(({ name }) => name === 'compaction_backlog_entries')
        .map(({ labels }) => labels['partition']);
    expect((await round(keeper)).failures).toMatchObject([
      { what: '3 of 5 tasks had no turn', error: { code: 'timeout' } },
    ]);
    expect(cared()).toEqual(['0', '1']);
    await round(keeper);
    await round(keeper);
    expect(cared()).toEqual(['0', '1', '2', '3']);
  });

  test('renews once, also while the notices can not be sent', async () => {
    const queueFault = (): void => {
      throw new MillraceError('unavailable', 'down');
    };
    const { world, publish, process, round } = tended({ queueFault });
    await publish(0, 2);
    await publish(2, 3, bad);
    for (let at = 0; at < 3; at += 1) await process(at, at + 1);
    world.clock.time += day;
    expect(await round()).toMatchObject({
      renewed: 3,
      failures: [{ error: { code: 'unavailable' } }],
    });
    expect(await round()).toMatchObject({ renewed: 0 });
  });

  test('counts what the journal says was lost, once', async () => {
    const { world, publish, process, round } = tended();
    await publish(0, 4);
    await process(0, 4);
    await publish(4, 10);
    const { records } = await new MemoryStreamReader(world.log).read('0', 9n, 1);
    world.clock.time += 1_000_000;
    world.log.trim(world.clock.time, () => 7n);
    const stream = new MemoryStreamReader(world.log);
    await world.process(records, '0', world.processor(world.journals, stream));
    await round();
    await round();
    expect(world.telemetry.total('lost_records')).toBe(3);
  });
});

test('dead letters are counted from the journal, once, whatever became of who put them there', async () => {
  const { world, publish, process, round } = tended();
  await publish(0, 2, bad);
  await process(0, 2);
  await round();
  await round();
  expect(world.telemetry.total('dead_lettered_events')).toBe(2);
  await publish(2, 3, bad);
  await process(2, 3);
  await round();
  expect(world.telemetry.total('dead_lettered_events')).toBe(3);
});

describe('what would be lost with time', () => {
  test('a quiet partition is compacted, a busy one is left to its processor', async () => {
    const { world, publish, process, round, status } = tended();
    await publish(0, 3);
    await process(0, 3);
    expect(await round()).toMatchObject({ compacted: 0 });
    world.clock.time += 61_000;
    expect(await round()).toMatchObject({ compacted: 2 });
    const { index, upTo } = await status();
    expect(upTo).toBe(index);
  });

  test('a renewal that runs out of time goes on where it stopped', async () => {
    const { world, publish, process, round, maintenance } = tended({
      limits: { compactEntries: 10_000 },
    });
    await publish(0, 600);
    for (let at = 0; at < 600; at += 1) await process(at, at + 1);
    world.clock.time += day;
    const renewed = new Map<string, number>();
    const replace = world.store.replace.bind(world.store);
    world.store.replace = (key, ...args) => {
      if (key.sort.startsWith('e/')) {
        world.clock.time += 200;
        renewed.set(key.sort, (renewed.get(key.sort) ?? 0) + 1);
      }
      return replace(key, ...args);
    };
    const keeper = maintenance();
    // A round has 60 s, and a page of 256 entries takes 51 s. The first one holds the genesis.
    const rounds: number[] = [];
    for (let i = 0; i < 4; i += 1) rounds.push((await round(keeper)).renewed);
    expect(rounds).toEqual([511, 89, 0, 0]);
    expect(Math.max(...renewed.values())).toBe(1);
  });

  test('entries with live ids outlive their first end, for as long as they are needed', async () => {
    const { world, publish, process, round, maintenance } = tended();
    await publish(0, 3);
    await process(0, 3);
    const keeper = maintenance();
    let renewed = 0;
    for (let hours = 0; hours < 9 * 24; hours += 6) {
      renewed += (await round(keeper)).renewed;
      world.clock.time += day / 4;
      world.store.sweep(world.clock.time / 1000);
    }
    expect(renewed).toBeGreaterThan(3);
    expect((await stillNeeded(world.journals)).item('minutes/1/0', 'e/00000000000000000001')).toBe(
      true,
    );
    await publish(1, 2);
    await world.process((await world.stream.read('0', 3n, 1)).records, '0', world.processor());
    expect((await world.reader().partitions())[0]!.counts).toMatchObject({ duplicates: 1 });
  });

  test('without maintenance such an entry goes, and the partition stops', async () => {
    const { world, publish, process } = tended();
    await publish(0, 3);
    await process(0, 3);
    await world.compact();
    world.clock.time += 9 * day;
    world.store.sweep(world.clock.time / 1000);
    const { failures } = await world.process([], '0', world.processor());
    expect(failures).toMatchObject([{ error: { code: 'missing' } }]);
  });
});

describe('dead letters', () => {
  test('are indexed by reason, once for any number of notices', async () => {
    const { world, publish, process } = tended();
    await publish(0, 3, bad);
    await process(0, 3);
    const [message] = await world.queue.receive(1, 60);
    for (let time = 0; time < 3; time += 1) {
      await indexNotice(world.journals, world.telemetry, message!.body);
    }
    expect(await deadReasons(world.journals[0]!, [{ partition: '0', index: 9 }])).toEqual({
      invalid: 3,
    });
    expect(world.telemetry.total('dead_letters')).toBe(3);
  });

  test('get their notice from maintenance when the first one was cut off', async () => {
    let down = true;
    const queueFault = (): void => {
      if (down) throw new MillraceError('unavailable', 'down');
    };
    const { world, publish, process, round } = tended({ queueFault });
    await publish(0, 2, bad);
    await process(0, 2);
    expect((await round()).failures).toMatchObject([{ what: 'minutes, partition 0' }]);
    down = false;
    expect(await round()).toMatchObject({ notices: 1, failures: [] });
    expect(await round()).toMatchObject({ notices: 0 });
    const [message] = await world.queue.receive(1, 60);
    await indexNotice(world.journals, world.telemetry, message!.body);
    expect(await deadReasons(world.journals[0]!, [{ partition: '0', index: 9 }])).toEqual({
      invalid: 2,
    });
  });

  test.each([
    'nonsense',
    'null',
    '{"other":{}}',
    '{"deadLetters":{"pipeline":"other","partition":"0","entry":1,"object":"x"}}',
  ])('refuse %j, which is no notice', async (message) => {
    const { world } = tended();
    const taken = indexNotice(world.journals, world.telemetry, message);
    await expect(taken).rejects.toMatchObject({ code: 'request' });
  });

  test('whose object is gone are an error that names it', async () => {
    const { world } = tended();
    const object = `kept/minutes/1/0/_dead/00000000000000000001-${'0'.repeat(16)}`;
    const notice = {
      deadLetters: {
        pipeline: 'minutes',
        partition: '0',
        entry: 1,
        object,
      },
    };
    const taken = indexNotice(world.journals, world.telemetry, JSON.stringify(notice));
    await expect(taken).rejects.toMatchObject({
      code: 'missing',
      message: `${object}: the object is gone`,
    });
  });
});
