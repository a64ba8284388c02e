import { describe, expect, it } from 'vitest';
import { KinesisEventPublisher } from '../../adapters/aws/kinesis-event-publisher.ts';
import type { KinesisStreamReader } from '../../adapters/aws/kinesis-stream-reader.ts';
import { bytes } from '../contract/subject.ts';
import { idOf } from '../emulators/kinesis-clients.ts';
import { aggregateOfTexts } from './kinesis-aggregates.ts';
import {
  active,
  inEmulator,
  inKinesisLocal,
  type KinesisStream,
  put,
  readAll,
  StreamName,
  texts,
} from './kinesis-streams.ts';

const bucketCount = 64;
const middle = String(2n ** 127n);
const quarter = String(2n ** 126n);

/** Splits the only shard, then the lower half of it. */
async function splitTwice(client: KinesisStream['client']): Promise<void> {
  await client.splitShard({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: middle });
  await active(client);
  await client.splitShard({ StreamName, ShardToSplit: idOf(1), NewStartingHashKey: quarter });
  await active(client);
}

/** What each shard holds, by its id. */
async function held(reader: KinesisStreamReader): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { id } of await reader.partitions()) {
    found[id] = texts(await readAll(reader, id));
  }
  return found;
}

describe.each([
  ['of our own', inEmulator],
  ['kinesis-local', inKinesisLocal],
])('over the emulator %s', (_, start) => {
  it('lists shards in the order of their hash keys, parents before children', async () => {
    const { client, reader } = await start();
    await splitTwice(client);
    expect(await reader.partitions()).toEqual([
      { id: idOf(0), parents: [] },
      { id: idOf(1), parents: [idOf(0)] },
      { id: idOf(3), parents: [idOf(1)] },
      { id: idOf(4), parents: [idOf(1)] },
      { id: idOf(2), parents: [idOf(0)] },
    ]);
    const MergeShards = { ShardToMerge: idOf(4), AdjacentShardToMerge: idOf(2) };
    await client.mergeShards({ StreamName, ...MergeShards });
    await active(client);
    const merged = (await reader.partitions()).find(({ id }) => id === idOf(5));
    expect(merged).toEqual({ id: idOf(5), parents: [idOf(4), idOf(2)] });
  });

  it('reads a closed shard to its end, from anywhere, again and again', async () => {
    const { client, reader } = await start();
    await put(client, ['0', '1', '2']);
    const open = await reader.read(idOf(0), 0n, 10);
    expect(open).toMatchObject({ caughtUp: false, ended: false });
    const positions = open.records.map(({ position }) => position);
    const next = positions[2]! + 1n;
    expect(await reader.read(idOf(0), next, 10)).toMatchObject({ caughtUp: true, ended: false });
    await client.splitShard({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: middle });
    await active(client);
    await put(client, ['3']);
    const end = { records: [], caughtUp: true, ended: true };
    for (let i = 0; i < 2; i += 1) expect(await reader.read(idOf(0), next, 10)).toEqual(end);
    const { records, ended } = await reader.read(idOf(0), positions[1]!, 1);
    expect(texts(records)).toEqual(['1']);
    expect(ended).toBe(false);
    expect(texts(await readAll(reader, idOf(0), positions[1]!))).toEqual(['1', '2']);
    expect(await reader.read(idOf(0), next, 10)).toEqual(end);
    expect(texts(await readAll(reader, idOf(1)))).toEqual(['3']);
    expect((await reader.bounds(idOf(0))).earliest).toBe(positions[0]);
    expect(await reader.read(idOf(1), next, 10)).toMatchObject({ ended: false });
  });

  it('has not ended within the last aggregate of a closed shard', async () => {
    const { client, reader } = await start();
    await put(client, [aggregateOfTexts('0', '1')]);
    await client.splitShard({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: middle });
    await active(client);
    const { records, ...rest } = await reader.read(idOf(0), 0n, 1);
    expect(texts(records)).toEqual(['0']);
    expect(rest).toEqual({ caughtUp: false, ended: false });
    expect(texts(await readAll(reader, idOf(0), 0n, 1))).toEqual(['0', '1']);
  });

  it('says of a closed shard without records that it has ended', async () => {
    const { client, reader } = await start();
    await client.splitShard({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: middle });
    await active(client);
    const { earliest } = await reader.bounds(idOf(0));
    const end = { records: [], caughtUp: true, ended: true };
    expect(await reader.read(idOf(0), earliest, 10)).toEqual(end);
  });

  it('sends every bucket to one shard, before a split and after it', async () => {
    const { client, reader } = await start();
    const publisher = new KinesisEventPublisher(client, StreamName);
    const buckets = Array.from({ length: bucketCount }, (_, bucket) => bucket);
    const publish = async () => {
      const records = buckets.map((bucket) => ({ bucket, bucketCount, body: bytes(`${bucket}`) }));
      expect(new Set(await publisher.publish(records))).toEqual(new Set(['accepted']));
    };
    const between = (from: number, to: number) => buckets.slice(from, to).map(String);
    await publish();
    await splitTwice(client);
    await publish();
    await publish();
    expect(await held(reader)).toEqual({
      [idOf(0)]: between(0, 64),
      [idOf(1)]: [],
      [idOf(2)]: [...between(32, 64), ...between(32, 64)],
      [idOf(3)]: [...between(0, 16), ...between(0, 16)],
      [idOf(4)]: [...between(16, 32), ...between(16, 32)],
    });
  });
});

it('lists all of more shards than one answer holds, and reads the last of them', async () => {
  const { client, reader, asked } = await inEmulator(1_500);
  const ids = (await reader.partitions()).map(({ id }) => id);
  expect(ids).toEqual(Array.from({ length: 1_500 }, (_, index) => idOf(index)));
  expect(asked.filter((operation) => operation === 'ListShards')).toHaveLength(2);
  await put(client, ['last'], String(2n ** 128n - 1n));
  expect(texts(await readAll(reader, ids.at(-1)!))).toEqual(['last']);
});
