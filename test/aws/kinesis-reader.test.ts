import { expect, it } from 'vitest';
import { kinesisBatch } from '../../adapters/aws/kinesis-batch.ts';
import { KinesisStreamReader } from '../../adapters/aws/kinesis-stream-reader.ts';
import { expectError } from '../contract/subject.ts';
import { idOf } from '../emulators/kinesis-clients.ts';
import { aggregateOfTexts } from './kinesis-aggregates.ts';
import {
  delivered,
  inEmulator,
  inKinesisLocal,
  put,
  readAll,
  StreamName,
  texts,
} from './kinesis-streams.ts';

const digits = Array.from({ length: 10 }, (_, i) => String(i));

/** A shard of ten records, and where they stand. */
async function filled() {
  const stream = await inEmulator();
  const numbers = await put(stream.client, digits);
  const positions = (await readAll(stream.reader, idOf(0))).map(({ position }) => position);
  stream.asked.length = 0;
  return {
    ...stream,
    numbers,
    positions,
    reader: new KinesisStreamReader(stream.client, StreamName),
  };
}

it('asks for one iterator to read a shard from end to end', async () => {
  const { reader, asked, client } = await filled();
  expect(texts(await readAll(reader, idOf(0), 0n, 3))).toEqual(digits);
  const gets = Array.from({ length: 5 }, () => 'GetRecords');
  expect(asked).toEqual(['ListShards', 'GetShardIterator', ...gets]);
  await put(client, ['new']);
  asked.length = 0;
  const last = (await readAll(reader, idOf(0))).at(-2)!;
  asked.length = 0;
  await reader.read(idOf(0), last.position + 1n, 10);
  expect(asked).toEqual(['GetShardIterator', 'GetRecords']);
});

it('goes on with its iterator where nothing came, and takes what comes later', async () => {
  const { reader, asked, client } = await filled();
  const next = (await readAll(reader, idOf(0))).at(-1)!.position + 1n;
  for (let i = 0; i < 3; i += 1) {
    expect(await reader.read(idOf(0), next, 5)).toEqual({
      ...{ records: [], caughtUp: true, ended: false },
    });
  }
  await put(client, ['new']);
  asked.length = 0;
  expect(texts((await reader.read(idOf(0), next, 5)).records)).toEqual(['new']);
  expect(asked).toEqual(['GetRecords']);
});

it('gets a new iterator for one that has expired', async () => {
  const { reader, asked, emulator, positions } = await filled();
  await reader.read(idOf(0), 0n, 4);
  asked.length = 0;
  emulator.advance(301_000);
  expect(texts((await reader.read(idOf(0), positions[3]! + 1n, 3)).records)).toEqual([
    ...['4', '5', '6'],
  ]);
  expect(asked).toEqual(['GetRecords', 'GetShardIterator', 'GetRecords']);
});

it('keeps its iterator over a call that was throttled', async () => {
  const { reader, asked, emulator, positions } = await filled();
  await reader.read(idOf(0), 0n, 4);
  const count = emulator.onRequest;
  emulator.onRequest = () => ({ error: 'ProvisionedThroughputExceededException' });
  await expectError(reader.read(idOf(0), positions[3]! + 1n, 3), 'throttled');
  emulator.onRequest = count;
  asked.length = 0;
  const { records } = await reader.read(idOf(0), positions[3]! + 1n, 3);
  expect(texts(records)).toEqual(['4', '5', '6']);
  expect(asked).toEqual(['GetRecords']);
});

it('reads with a limit that Kinesis does not take', async () => {
  const { reader } = await filled();
  expect(texts((await reader.read(idOf(0), 0n, 20_000)).records)).toEqual(digits);
});

it('reads several places of a shard at once', async () => {
  const { reader, positions } = await filled();
  const places = [0, 5, 3, 9, 5];
  const reads = await Promise.all(places.map((at) => reader.read(idOf(0), positions[at]!, 1)));
  expect(reads.flatMap(({ records }) => texts(records))).toEqual(places.map(String));
});

it('is not caught up where Kinesis gives nothing although there is more', async () => {
  const { reader, emulator } = await filled();
  emulator.onRequest = () => ({ isEmpty: true });
  const nothing = { records: [], caughtUp: false, ended: false };
  expect(await reader.read(idOf(0), 0n, 10)).toEqual(nothing);
  emulator.onRequest = () => null;
  expect(texts((await reader.read(idOf(0), 0n, 10)).records)).toEqual(digits);
});

it('goes on with the oldest record kept from a position before it', async () => {
  const { reader, emulator, numbers, positions } = await filled();
  await reader.read(idOf(0), 0n, 2);
  emulator.trim(StreamName, idOf(0), String(numbers[6]!));
  const other = await reader.read(idOf(0), positions[1]! + 1n, 10);
  expect(texts(other.records)).toEqual(['6', '7', '8', '9']);
  for (const from of [0n, positions[0]!, positions[3]! + 1n, positions[5]!]) {
    expect(texts(await readAll(reader, idOf(0), from))).toEqual(['6', '7', '8', '9']);
  }
  expect((await reader.bounds(idOf(0))).earliest).toBe(positions[6]);
});

it('bounds a shard whose records are all gone by where it began', async () => {
  const { reader, emulator, numbers, positions, client } = await filled();
  emulator.trim(StreamName, idOf(0), String(numbers[9]! + 1n));
  const { earliest, latest } = await reader.bounds(idOf(0));
  expect(latest).toBeNull();
  expect(earliest).toBeLessThan(positions[0]!);
  expect(await reader.read(idOf(0), earliest, 10)).toMatchObject({ records: [], caughtUp: true });
  await put(client, ['new']);
  expect(texts(await readAll(reader, idOf(0), earliest))).toEqual(['new']);
});

it.each([
  ['of our own', inEmulator],
  ['kinesis-local', inKinesisLocal],
])('finds its way from any number, with the emulator %s', async (_, start) => {
  const { client, reader } = await start();
  await put(client, digits);
  const positions = (await readAll(reader, idOf(0))).map(({ position }) => position);
  const { earliest } = await reader.bounds(idOf(0));
  expect(earliest).toBe(positions[0]);
  for (const at of [0, 9]) {
    const position = positions[at]!;
    // The record itself, a number before it, and those that no record has or can have.
    for (const from of [position, position - 5n, position - 2n ** 40n, position - 2n ** 60n]) {
      expect(texts(await readAll(reader, idOf(0), from, 7))).toEqual(digits.slice(at));
    }
    for (const from of [position + 1n, position + 2n ** 24n, position + 2n ** 41n + 7n]) {
      expect(texts(await readAll(reader, idOf(0), from, 7))).toEqual(digits.slice(at + 1));
    }
  }
  for (const from of [-1n, 0n, 1n, 2n ** 200n, positions[0]! - 2n ** 120n]) {
    expect(texts(await readAll(reader, idOf(0), from))).toEqual(digits);
  }
  expect(await readAll(reader, idOf(0), positions[9]! + 2n ** 110n)).toEqual([]);
});

it('unpacks aggregates, and reads on from any of their records', async () => {
  const { client, reader } = await inEmulator();
  const bodies = ['a', aggregateOfTexts('b', 'c', 'd'), 'e', aggregateOfTexts('f')];
  await put(client, bodies);
  const all = await readAll(reader, idOf(0));
  expect(texts(all)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(all.map(({ partitionKey }) => partitionKey)).toEqual([
    ...['key', 'key 0', 'key 1', 'key 2', 'key', 'key 0'],
  ]);
  for (const limit of [1, 2, 3, 4, 10]) {
    expect(await readAll(reader, idOf(0), 0n, limit)).toEqual(all);
    for (const [at, { position }] of all.entries()) {
      expect(await readAll(reader, idOf(0), position, limit)).toEqual(all.slice(at));
      expect(await readAll(reader, idOf(0), position + 1n, limit)).toEqual(all.slice(at + 1));
    }
  }
});

it('gives the records that a trigger delivers, at the same positions', async () => {
  const { client, reader } = await inEmulator();
  await put(client, ['a', aggregateOfTexts('b', 'c'), 'd']);
  expect(kinesisBatch(await delivered(client))).toEqual({
    partition: idOf(0),
    records: await readAll(reader, idOf(0)),
  });
});

it('reads a stream that was made anew from its start', async () => {
  const { client, reader, positions, emulator } = await filled();
  await reader.read(idOf(0), 0n, 6);
  await client.deleteStream({ StreamName });
  emulator.advance(2_000);
  await client.createStream({ StreamName, ShardCount: 1 });
  await put(client, ['new']);
  const other = new KinesisStreamReader(client, StreamName);
  for (const one of [reader, other]) {
    expect(texts(await readAll(one, idOf(0), positions[5]! + 1n))).toEqual(['new']);
  }
});

it('refuses a shard of a stream that is gone, or that it never had', async () => {
  const { client, reader } = await filled();
  await reader.read(idOf(0), 0n, 1);
  await expectError(reader.read(idOf(1), 0n, 1), 'request');
  await client.deleteStream({ StreamName });
  await expectError(reader.read(idOf(0), 0n, 1), 'request');
  await expectError(reader.bounds(idOf(0)), 'request');
});
