import { describe, expect, test } from 'vitest';
import { MemoryEventPublisher } from '../../adapters/memory/memory-event-publisher.ts';
import { MemoryLog } from '../../adapters/memory/memory-log.ts';
import { MemoryStreamReader } from '../../adapters/memory/memory-stream-reader.ts';
import { MillraceError } from '../../core/errors.ts';
import type { StreamRecord } from '../../core/event.ts';
import { dueRecords, isRemade } from '../../core/gap.ts';
import { readPartitions } from '../../core/journal/partitions.ts';
import type { Processor } from '../../core/process.ts';
import { minutes, tick } from './fold/events.ts';
import { World } from './small-world.ts';

/** A world whose batches come from its log, so that gaps can be filled. */
async function streaming(events: number) {
  const world = new World([minutes]);
  const stream = new MemoryStreamReader(world.log);
  const publish = async (from: number, to: number): Promise<void> => {
    const publisher = new MemoryEventPublisher(world.log, world.clock);
    for (let n = from; n < to; n += 1) {
      const body = new TextEncoder().encode(JSON.stringify(tick(n)));
      await publisher.publish([{ bucket: 0, bucketCount: 1, body }]);
    }
  };
  await publish(0, events);
  const all = async (): Promise<StreamRecord[]> => (await stream.read('0', 0n, 1_000)).records;
  return { world, stream, publish, all, processor: world.processor(world.journals, stream) };
}

async function process(world: World, processor: Processor, records: readonly StreamRecord[]) {
  const { failures, acknowledged } = await world.process(records, '0', processor);
  expect(failures).toEqual([]);
  return acknowledged.position;
}

async function counts(world: World) {
  const [partition] = await world.reader().partitions();
  return partition!.counts;
}

describe('a batch that starts behind the next position of the journal', () => {
  test('makes the records between them be read from the stream, before the first one too', async () => {
    const { world, all, processor } = await streaming(9);
    const records = await all();
    expect(await process(world, processor, records.slice(3, 5))).toBe(5n);
    expect(await process(world, processor, records.slice(8))).toBe(9n);
    expect(await counts(world)).toMatchObject({ received: 9, accepted: 9, lost: 0 });
    expect(world.telemetry.total('process_gap_records')).toBe(3 + 3);
  });

  test('counts as lost exactly what the stream no longer has', async () => {
    const { world, all, publish, processor } = await streaming(4);
    await process(world, processor, await all());
    await publish(4, 10);
    const records = await all();
    world.clock.time += 1_000_000;
    world.log.trim(world.clock.time, () => 7n);
    expect(await process(world, processor, records.slice(9))).toBe(10n);
    expect(await counts(world)).toMatchObject({ received: 7, lost: 3 });
  });

  test('counts a batch whose whole gap is gone', async () => {
    const { world, all, publish, processor } = await streaming(4);
    await process(world, processor, await all());
    await publish(4, 10);
    const records = await all();
    world.clock.time += 1_000_000;
    world.log.trim(world.clock.time, () => 9n);
    expect(await process(world, processor, records.slice(9))).toBe(10n);
    expect(await counts(world)).toMatchObject({ received: 5, lost: 5 });
  });

  test('fails for now when the stream holds the records but gives none', async () => {
    const { stream, all } = await streaming(9);
    const short = Object.assign(Object.create(stream), {
      read: async () => ({ records: [], caughtUp: false }),
    });
    const due = dueRecords(short, '0', { next: { position: 2n, line: 0 } }, (await all()).slice(5));
    await expect(due).rejects.toThrow('partition 0: records 2 to 4 were not read');
    await expect(due).rejects.toBeInstanceOf(MillraceError);
  });

  test('is nothing special where positions have gaps', async () => {
    const { world, all } = await streaming(9);
    const next = { position: 2n, line: 0 };
    const batch = (await all()).slice(5);
    expect(await dueRecords(world.stream, '0', { next }, batch)).toEqual({
      records: batch,
      lost: 0,
    });
  });
});

describe('a stream that was made anew', () => {
  test('is told from a redelivery by the arrival of its records', async () => {
    const { stream, all } = await streaming(5);
    const [first] = await all();
    const state = { next: { position: 5n, line: 0 }, arrival: first!.arrival };
    expect(isRemade(stream, state, [first!])).toBe(false);
    expect(isRemade(stream, state, [{ ...first!, arrival: first!.arrival + 1 }])).toBe(true);
    expect(isRemade(stream, { ...state, arrival: 0 }, [{ ...first!, arrival: 1 }])).toBe(false);
  });

  test('begins an epoch: what was counted stays, what is new is counted from its start', async () => {
    const before = await streaming(5);
    const { world } = before;
    await process(world, before.processor, await before.all());
    world.clock.time += 60_000;
    const after = await streaming(0);
    after.world.clock.time = world.clock.time;
    await after.publish(100, 103);
    // Two instances, both cold, and the second sees a redelivery.
    for (let instance = 0; instance < 2; instance += 1) {
      const processor = world.processor(world.journals, after.stream);
      expect(await process(world, processor, await after.all())).toBe(3n);
    }
    expect(await readPartitions(world.journals[0]!)).toMatchObject({
      active: ['0@1'],
      everSeen: ['0', '0@1'],
    });
    const partitions = await world.reader().partitions();
    expect(partitions.map((one) => [one.partition, one.counts.accepted])).toEqual([
      ['0', 5],
      ['0@1', 3],
    ]);
    expect(world.telemetry.total('process_stream_epochs')).toBe(1);
  });

  test('is no matter of other partitions: one that was empty before keeps its place', async () => {
    const world = new World([minutes], { partitions: 2 });
    const old = new MemoryStreamReader(world.log);
    const feed = async (log: MemoryLog, bucket: number, from: number, to: number) => {
      const publisher = new MemoryEventPublisher(log, world.clock);
      for (let n = from; n < to; n += 1) {
        const body = new TextEncoder().encode(JSON.stringify(tick(n)));
        await publisher.publish([{ bucket, bucketCount: 2, body }]);
      }
    };
    const give = async (stream: MemoryStreamReader, partition: string, from: bigint) => {
      const { records } = await stream.read(partition, from, 100);
      // Each time another instance, cold.
      const processor = world.processor(world.journals, stream);
      expect((await world.process(records, partition, processor)).failures).toEqual([]);
    };
    await feed(world.log, 0, 0, 5);
    await give(old, '0', 0n);
    world.clock.time += 60_000;
    const log = new MemoryLog(2);
    const anew = new MemoryStreamReader(log);
    await feed(log, 1, 100, 104);
    await feed(log, 0, 110, 113);
    await give(anew, '1', 0n);
    await give(anew, '0', 0n);
    await feed(log, 1, 120, 121);
    await give(anew, '1', 4n);
    const partitions = await world.reader().partitions();
    expect(partitions.map((one) => [one.partition, one.active, one.counts.received])).toEqual([
      ['0', false, 5],
      ['0@1', true, 3],
      ['1', true, 5],
    ]);
  });

  test('ends the journal of before for an instance that has not seen it', async () => {
    const { world, stream, all, processor: warm } = await streaming(3);
    await process(world, warm, await all());
    world.clock.time += 60_000;
    const after = await streaming(0);
    after.world.clock.time = world.clock.time;
    await after.publish(100, 106);
    const anew = world.processor(world.journals, after.stream);
    await process(world, anew, (await after.all()).slice(0, 2));
    // What a warm instance holds is the journal of before; its next batch stands just behind it.
    Object.assign(stream, { log: after.world.log });
    expect(await process(world, warm, (await after.all()).slice(3))).toBe(6n);
    const partitions = await world.reader().partitions();
    expect(partitions.map((one) => [one.partition, one.counts.received])).toEqual([
      ['0', 3],
      ['0@1', 6],
    ]);
  });
});
