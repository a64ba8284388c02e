import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKeyOf, KinesisEventPublisher } from '../../adapters/aws/kinesis-event-publisher.ts';
import { KinesisStreamReader } from '../../adapters/aws/kinesis-stream-reader.ts';
import { compression } from '../../adapters/compression.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { type OutgoingRecord, partitionOf } from '../../core/ports/event-publisher.ts';
import { PackingPublisher } from '../../core/publish/packing-publisher.ts';
import { bytes } from '../contract/subject.ts';
import { idOf } from '../emulators/kinesis-clients.ts';
import { inEmulator, inKinesisLocal, readAll, StreamName, texts } from './kinesis-streams.ts';

async function publishing(shards = 2) {
  const stream = await inEmulator(shards);
  const publisher = new KinesisEventPublisher(stream.client, StreamName);
  const stored = async (shard: number) => texts(await readAll(stream.reader, idOf(shard)));
  return { ...stream, publisher, stored };
}

/** A record for shard 0 or 1. */
function record(shard: 0 | 1, text: string): OutgoingRecord {
  return { bucket: shard, bucketCount: 2, body: bytes(text) };
}

/** A record of a megabyte, which begins with a text. */
function large(text: string): OutgoingRecord {
  return record(0, text.padEnd(1_000_000, '.'));
}

describe('the hash key of a bucket', () => {
  const whole = 2n ** 128n;

  /** The index of the shard that a hash key falls to; `roundedUp`: where shards are not cut down. */
  function shardOf(hashKey: bigint, shards: bigint, roundedUp: bigint): bigint {
    let shard = (hashKey * shards) / whole;
    const startOf = (index: bigint) => index * (whole / shards) + (index === 0n ? 0n : roundedUp);
    if (startOf(shard) > hashKey) shard -= 1n;
    return shard + 1n < shards && startOf(shard + 1n) <= hashKey ? shard + 1n : shard;
  }

  it('falls to the shard with the index of its partition, where shards are equal', () => {
    const buckets = fc
      .integer({ min: 1, max: 65_536 })
      .chain((count) =>
        fc.tuple(fc.constant(count), fc.nat(count - 1), fc.integer({ min: 1, max: count })),
      );
    const rounding = fc.bigInt({ min: 0n, max: 2n ** 64n });
    fc.assert(
      fc.property(buckets, rounding, ([bucketCount, bucket, partitions], roundedUp) => {
        const hashKey = BigInt(hashKeyOf(bucket, bucketCount));
        const expected = partitionOf(bucket, bucketCount, partitions);
        expect(shardOf(hashKey, BigInt(partitions), roundedUp)).toBe(BigInt(expected));
      }),
      { numRuns: 5_000 },
    );
  });

  it('does so for every bucket of 64, whatever the number of shards', () => {
    for (let partitions = 1; partitions <= 64; partitions += 1) {
      for (let bucket = 0; bucket < 64; bucket += 1) {
        const hashKey = BigInt(hashKeyOf(bucket, 64));
        const expected = partitionOf(bucket, 64, partitions);
        expect(shardOf(hashKey, BigInt(partitions), 0n)).toBe(BigInt(expected));
      }
    }
  });

  it('is one that Kinesis takes, also for the most buckets that there can be', () => {
    for (const count of [1, 2, 3, 65_536, Number.MAX_SAFE_INTEGER]) {
      const last = BigInt(hashKeyOf(count - 1, count));
      expect(last).toBeLessThan(whole);
      expect(last).toBeGreaterThanOrEqual((whole * BigInt(count - 1)) / BigInt(count));
      expect(BigInt(hashKeyOf(0, count))).toBeGreaterThan(0n);
    }
  });
});

it('says of each record for itself what became of it, and the rest keeps its order', async () => {
  const { publisher, emulator, stored } = await publishing();
  emulator.onRequest = () => ({
    failedRecord: (index) =>
      index === 1
        ? 'ProvisionedThroughputExceededException'
        : index === 4
          ? 'InternalFailure'
          : null,
  });
  const records = ['a', 'b', 'c', 'd', 'e', 'f'].map((text, i) => record(i < 3 ? 0 : 1, text));
  expect(await publisher.publish(records)).toEqual([
    ...['accepted', 'throttled', 'accepted'],
    ...['accepted', 'unavailable', 'accepted'],
  ]);
  expect(await stored(0)).toEqual(['a', 'c']);
  expect(await stored(1)).toEqual(['d', 'f']);
});

it('keeps the order of every key though shards are over their throughput now and then', async () => {
  const { client, emulator } = await publishing(3);
  let count = 0;
  emulator.onRequest = (operation) => {
    count += 1;
    if (operation !== 'PutRecords') return null;
    if (count % 7 === 0) return { error: 'ProvisionedThroughputExceededException' };
    const failedRecord = (index: number) =>
      (index * 7 + count) % 3 === 0 ? ('ProvisionedThroughputExceededException' as const) : null;
    return { failedRecord };
  };
  const clock = Object.assign(new SystemClock(), { sleep: () => Promise.resolve() });
  const packing = new PackingPublisher(
    {
      publisher: new KinesisEventPublisher(client, StreamName),
      ...{ clock, compression, random: () => 0.5 },
    },
    { packEventsMax: 2, packLingerMs: 0 },
  );
  const sent: Promise<void>[] = [];
  for (let n = 0; n < 600; n += 1) {
    const key = `k${n % 20}`;
    sent.push(packing.send(key, JSON.stringify({ key, n })));
  }
  await packing.close();
  await Promise.all(sent);
  expect(count).toBeGreaterThan(20);
  emulator.onRequest = () => null;
  const reader = new KinesisStreamReader(client, StreamName);
  const read = new Map<string, number[]>();
  for (const { id } of await reader.partitions()) {
    for (const { body } of await readAll(reader, id)) {
      for (const line of linesOf(body)) {
        const { key, n } = JSON.parse(line);
        read.set(key, [...(read.get(key) ?? []), n]);
      }
    }
  }
  expect(read.size).toBe(20);
  for (const [key, found] of read) {
    const first = Number(key.slice(1));
    expect(found).toEqual(Array.from({ length: 30 }, (_, i) => first + 20 * i));
  }
});

function linesOf(body: Uint8Array): string[] {
  const isPlain = body[0] === 0x7b;
  const text = isPlain ? body : compression.decompress(body, 1_000_000);
  return new TextDecoder().decode(text).split('\n');
}

it('makes as many calls as ten megabytes each take, one after the other', async () => {
  const { publisher, asked, stored } = await publishing(1);
  const records = Array.from({ length: 25 }, (_, i) => large(String(i)));
  expect(new Set(await publisher.publish(records))).toEqual(new Set(['accepted']));
  expect(asked).toEqual(['PutRecords', 'PutRecords', 'PutRecords']);
  const order = (await stored(0)).map((text) => Number.parseInt(text, 10));
  expect(order).toEqual(records.map((_, i) => i));
});

it('sends nothing behind a call that failed, and says what it knows', async () => {
  const { publisher, emulator, stored } = await publishing(1);
  let calls = 0;
  let error = 'ProvisionedThroughputExceededException';
  emulator.onRequest = (operation) => {
    if (operation !== 'PutRecords') return null;
    calls += 1;
    return calls === 2 ? { error } : null;
  };
  const records = Array.from({ length: 25 }, (_, i) => large(String(i)));
  const accepted = records.slice(0, 10).map(() => 'accepted');
  for (const [name, outcome] of [
    [error, 'throttled'],
    ['InternalFailure', 'unavailable'],
  ] as const) {
    calls = 0;
    error = name;
    const rest = records.slice(10).map(() => outcome);
    expect(await publisher.publish(records)).toEqual([...accepted, ...rest]);
    expect(calls).toBe(2);
  }
  expect(await stored(0)).toHaveLength(20);
});

it('throws when nothing is known of any record, and not otherwise', async () => {
  const { publisher, emulator, stored } = await publishing(1);
  emulator.onRequest = () => ({ error: 'ProvisionedThroughputExceededException' });
  const over = { ...record(0, ''), body: new Uint8Array(publisher.recordBytesMax + 1) };
  await expect(publisher.publish([record(0, 'a')])).rejects.toMatchObject({ code: 'throttled' });
  expect(await publisher.publish([record(0, 'a'), over])).toEqual(['throttled', 'too-large']);
  expect(await publisher.publish([over])).toEqual(['too-large']);
  emulator.onRequest = () => ({ isAnswerLost: true });
  await expect(publisher.publish([record(0, 'b')])).rejects.toMatchObject({ code: 'unavailable' });
  emulator.onRequest = () => null;
  expect(await stored(0)).toEqual(['b']);
});

it('goes on after a lost connection', async () => {
  const { publisher, emulator, stored } = await publishing(1);
  expect(await publisher.publish([record(0, 'a')])).toEqual(['accepted']);
  emulator.dropConnections();
  const outcome = async () => (await publisher.publish([record(0, 'b')]).catch(() => ['lost']))[0];
  await expect.poll(outcome).toBe('accepted');
  expect((await stored(0)).slice(0, 2)).toEqual(['a', 'b']);
});

it('has room for the partition key beside the largest body', async () => {
  const { publisher } = await publishing(1);
  const body = new Uint8Array(publisher.recordBytesMax);
  const count = Number.MAX_SAFE_INTEGER;
  const last = { bucket: count - 1, bucketCount: count, body };
  expect(await publisher.publish([last])).toEqual(['accepted']);
});

it('takes larger records where the stream does', async () => {
  const { client } = await publishing(1);
  await client.createStream({ StreamName: 'large', ShardCount: 1, MaxRecordSizeInKiB: 10_240 });
  const publisher = new KinesisEventPublisher(client, 'large', { recordBytesMax: 10_485_744 });
  const body = new Uint8Array(publisher.recordBytesMax);
  const records = [0, 1].map((bucket) => ({ bucket, bucketCount: 2, body }));
  expect(await publisher.publish(records)).toEqual(['accepted', 'accepted']);
  // Their bodies alone are ten megabytes, and would leave no room for their keys.
  const halves = records.map((each) => ({ ...each, body: body.subarray(0, 5_242_880) }));
  expect(await publisher.publish([...halves, { ...halves[0]!, body: new Uint8Array(16) }])).toEqual(
    [...['accepted', 'accepted', 'accepted']],
  );
});

it('sends a record that no call has room for by itself, and tells what Kinesis says', async () => {
  const { client } = await publishing(1);
  const publisher = new KinesisEventPublisher(client, StreamName, { recordBytesMax: 11_000_000 });
  const over = { ...record(0, ''), body: new Uint8Array(11_000_000) };
  await expect(publisher.publish([over])).rejects.toMatchObject({
    code: 'request',
    message: expect.stringMatching(/member.data/i),
  });
});

it('finds a record too large that the stream finds so', async () => {
  const { client, reader } = await inKinesisLocal();
  const publisher = new KinesisEventPublisher(client, StreamName, { recordBytesMax: 2_000_000 });
  const over = record(0, 'x'.repeat(1_500_000));
  const outcomes = await publisher.publish([record(0, 'a'), over, record(0, 'b')]);
  expect(outcomes).toEqual(['accepted', 'too-large', 'accepted']);
  expect(texts(await readAll(reader, idOf(0)))).toEqual(['a', 'b']);
});
