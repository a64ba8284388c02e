import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { clientOf, idOf, iterator, kinesis, nameOf, put } from './kinesis-clients.ts';

const StreamName = 'a';
const mebibyte = 1_048_576;

async function stream(shards = 1, more: object = {}) {
  const emulator = await kinesis();
  const client = clientOf(emulator);
  await client.createStream({ StreamName, ShardCount: shards, ...more });
  return { emulator, client };
}

it('puts a key into the shard that its MD5 belongs to', async () => {
  const { client } = await stream(4);
  const keys = [
    'a',
    'b',
    'ключ',
    '𝄞',
    'x'.repeat(256),
    ...Array.from({ length: 20 }, (_, i) => `${i}`),
  ];
  const expected = keys.map((key) => {
    const hash = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
    return idOf(Number(hash >> 126n));
  });
  const { Records } = await client.putRecords({
    StreamName,
    Records: keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from('x') })),
  });
  expect(Records!.map(({ ShardId }) => ShardId)).toEqual(expected);
  expect(new Set(expected).size).toBe(4);
});

it('puts a record where its explicit hash key says', async () => {
  const { client } = await stream(2);
  const at = async (ExplicitHashKey: string) => {
    const record = { PartitionKey: 'a', Data: Buffer.from('x'), ExplicitHashKey };
    return (await client.putRecord({ StreamName, ...record })).ShardId;
  };
  const half = 1n << 127n;
  expect(await at('0')).toBe(idOf(0));
  expect(await at(String(half - 1n))).toBe(idOf(0));
  expect(await at(String(half))).toBe(idOf(1));
  expect(await at(String(2n * half - 1n))).toBe(idOf(1));
  expect(await nameOf(at(String(2n * half)))).toBe('InvalidArgumentException');
  expect(await nameOf(at('01'))).toBe('ValidationException');
});

it('numbers records as the service does: 56 digits, of version 2, rising and with gaps', async () => {
  const { client } = await stream();
  const numbers = (await put(client, StreamName, 'a', 'b', 'c')).map(BigInt);
  for (const number of numbers) {
    expect(String(number)).toHaveLength(56);
    expect(number.toString(16)).toMatch(/^2[\da-f]{45}2$/);
  }
  expect(numbers[1]! - numbers[0]!).toBeGreaterThan(1n);
  expect(numbers[2]! - numbers[1]!).toBeGreaterThan(1n);
  const { Shards } = await client.listShards({ StreamName });
  const start = BigInt(Shards![0]!.SequenceNumberRange!.StartingSequenceNumber!);
  expect(numbers[0]! - start).toBeGreaterThan(0n);
});

it('keeps the order of a request within a shard', async () => {
  const { client } = await stream(2);
  const keys = Array.from({ length: 500 }, (_, i) => `${i}`);
  const { Records } = await client.putRecords({
    StreamName,
    Records: keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from(PartitionKey) })),
  });
  for (const id of [idOf(0), idOf(1)]) {
    const own = Records!.filter(({ ShardId }) => ShardId === id);
    const numbers = own.map(({ SequenceNumber }) => BigInt(SequenceNumber!));
    expect(numbers.every((number, i) => i === 0 || number > numbers[i - 1]!)).toBe(true);
    const ShardIterator = await iterator(client, StreamName, { ShardId: id });
    const read = (await client.getRecords({ ShardIterator })).Records!;
    expect(read.map((record) => record.SequenceNumber)).toEqual(
      own.map((record) => record.SequenceNumber),
    );
    const texts = read.map(({ Data }) => Buffer.from(Data!).toString());
    expect(texts).toEqual(keys.filter((_, i) => Records![i]!.ShardId === id));
    expect(read.map(({ PartitionKey }) => PartitionKey)).toEqual(texts);
  }
});

it('never dates a record before the one before it', async () => {
  let now = 1_700_000_000_000;
  const client = clientOf(await kinesis({ now: () => now }));
  await client.createStream({ StreamName, ShardCount: 1 });
  await put(client, StreamName, 'a');
  const ShardIterator = await iterator(client, StreamName);
  now -= 10_000;
  await put(client, StreamName, 'b');
  const { Records } = await client.getRecords({ ShardIterator });
  const times = Records!.map(({ ApproximateArrivalTimestamp }) =>
    Number(ApproximateArrivalTimestamp),
  );
  expect(times).toEqual([1_700_000_000_000, 1_700_000_000_000]);
});

it('gives back the bytes that it was given', async () => {
  const { client } = await stream();
  const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const bodies = [Buffer.alloc(0), every, every.subarray(1), every.subarray(2)];
  for (const Data of bodies) await client.putRecord({ StreamName, PartitionKey: 'a', Data });
  const ShardIterator = await iterator(client, StreamName);
  const { Records } = await client.getRecords({ ShardIterator });
  expect(Records!.map(({ Data }) => Buffer.from(Data!))).toEqual(bodies);
});

it('takes 1 to 500 records of up to 1 MiB, their keys included, and 10 MiB in a request', async () => {
  const { client } = await stream();
  const putAll = (count: number, bytes: number) => {
    const record = { PartitionKey: 'k', Data: Buffer.alloc(bytes - 1) };
    return nameOf(client.putRecords({ StreamName, Records: Array(count).fill(record) }));
  };
  expect(await putAll(0, 10)).toBe('ValidationException');
  expect(await putAll(500, 10)).toBe('no error');
  expect(await putAll(501, 10)).toBe('ValidationException');
  expect(await putAll(10, mebibyte)).toBe('no error');
  expect(await putAll(11, mebibyte)).toBe('InvalidArgumentException');
  expect(await putAll(1, mebibyte + 1)).toBe('ValidationException');
});

it('takes larger records where the stream was made for them', async () => {
  const { client } = await stream(1, { MaxRecordSizeInKiB: 2_048 });
  const putOne = (bytes: number) =>
    nameOf(client.putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.alloc(bytes - 1) }));
  expect(await putOne(2 * mebibyte)).toBe('no error');
  expect(await putOne(2 * mebibyte + 1)).toBe('ValidationException');
});

it('takes keys of 1 to 256 characters', async () => {
  const { client } = await stream();
  const putKey = (PartitionKey: string | undefined) =>
    nameOf(client.putRecord({ StreamName, PartitionKey, Data: Buffer.alloc(1) }));
  expect(await putKey('')).toBe('ValidationException');
  expect(await putKey('ж'.repeat(256))).toBe('no error');
  expect(await putKey('x'.repeat(257))).toBe('ValidationException');
  expect(await putKey(undefined)).toBe('ValidationException');
});
