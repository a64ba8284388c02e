import type { GetRecordsOutput } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import type { KinesisOptions } from './kinesis.ts';
import {
  clientOf,
  idOf,
  iterator,
  kinesis,
  messageOf,
  nameOf,
  put,
  read,
  textOf,
} from './kinesis-clients.ts';

const StreamName = 'a';
const half = String(1n << 127n);

async function stream(options: KinesisOptions = {}, shards = 1) {
  const emulator = await kinesis(options);
  const client = clientOf(emulator);
  await client.createStream({ StreamName, ShardCount: shards });
  return { emulator, client };
}

it('begins at or after a number, at the start, at the end, and at a time', async () => {
  let now = 1_700_000_000_000;
  const { client } = await stream({ now: () => now });
  const numbers = await put(client, StreamName, 'a', 'b');
  now += 1_500;
  const [c] = await put(client, StreamName, 'c');
  const at = (ShardIteratorType: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER', number: string) =>
    read(client, StreamName, { ShardIteratorType, StartingSequenceNumber: number });
  expect(await at('AT_SEQUENCE_NUMBER', numbers[1]!)).toEqual(['b', 'c']);
  expect(await at('AFTER_SEQUENCE_NUMBER', numbers[1]!)).toEqual(['c']);
  expect(await at('AFTER_SEQUENCE_NUMBER', c!)).toEqual([]);
  expect(await read(client, StreamName)).toEqual(['a', 'b', 'c']);
  const since = (ms: number) => {
    const Timestamp = new Date(ms);
    return read(client, StreamName, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp });
  };
  expect(await since(now - 1_500)).toEqual(['a', 'b', 'c']);
  expect(await since(now - 1_499)).toEqual(['c']);
  expect(await since(now)).toEqual(['c']);
  expect(await since(0)).toEqual(['a', 'b', 'c']);
  expect(await nameOf(since(now + 1))).toBe('InvalidArgumentException');
  now += 10;
  expect(await since(now)).toEqual([]);
});

it('gives after the end what comes then', async () => {
  const { client } = await stream();
  const fresh = await iterator(client, StreamName, { ShardIteratorType: 'LATEST' });
  await put(client, StreamName, 'a');
  const latest = await iterator(client, StreamName, { ShardIteratorType: 'LATEST' });
  await put(client, StreamName, 'b');
  const texts = async (ShardIterator: string) =>
    (await client.getRecords({ ShardIterator })).Records!.map(textOf);
  expect(await texts(fresh)).toEqual(['a', 'b']);
  expect(await texts(latest)).toEqual(['b']);
  expect(await texts(latest)).toEqual(['b']);
});

it('begins at the start of a shard by the number that the shard tells', async () => {
  const { client } = await stream();
  await put(client, StreamName, 'a');
  const { Shards } = await client.listShards({ StreamName });
  const StartingSequenceNumber = Shards![0]!.SequenceNumberRange!.StartingSequenceNumber!;
  for (const ShardIteratorType of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const) {
    const where = { ShardIteratorType, StartingSequenceNumber };
    expect(await read(client, StreamName, where)).toEqual(['a']);
  }
});

it('refuses numbers that the shard never gave', async () => {
  const { emulator, client } = await stream({}, 2);
  const at = (StartingSequenceNumber: string) =>
    read(client, StreamName, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber });
  const Data = Buffer.from('x');
  const record = { PartitionKey: 'k', Data, ExplicitHashKey: '0' };
  const { SequenceNumber } = await client.putRecord({ StreamName, ...record });
  const own = BigInt(SequenceNumber!);
  expect(await at(String(own))).toEqual(['x']);
  const strange = {
    'no number of its version': own + 1n,
    'a small number': 5n,
    zero: 0n,
    'a number beyond all': own << 8n,
    'an index beyond all': own | (1n << 143n),
    'a shard beyond all': own | (1n << 35n),
    'the number of another shard': own + 16n,
    'the number of another stream': own + (1n << 148n),
  };
  for (const [what, number] of Object.entries(strange)) {
    expect(await nameOf(at(String(number))), what).toBe('InvalidArgumentException');
  }
  const encodes = 'Invalid StartingSequenceNumber. It encodes shardId-000000000001, ';
  expect(await messageOf(at(String(own + 16n)))).toContain(encodes);
  for (const text of ['abc', '', '-1', '01', ' 1', '1.5', '9'.repeat(130)]) {
    expect(await nameOf(at(text)), text).toBe('ValidationException');
  }
  emulator.advance(1_000);
  await client.deleteStream({ StreamName });
  await client.createStream({ StreamName, ShardCount: 2 });
  expect(await messageOf(at(String(own)))).toContain('did not come from this stream');
});

it('wants a number where the type says so, and nowhere else', async () => {
  const { client } = await stream();
  const [number] = await put(client, StreamName, 'a');
  const get = (more: object) => nameOf(iterator(client, StreamName, more));
  for (const type of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'AT_TIMESTAMP']) {
    expect(await get({ ShardIteratorType: type }), type).toBe('InvalidArgumentException');
  }
  for (const type of ['LATEST', 'TRIM_HORIZON']) {
    const both = { ShardIteratorType: type, StartingSequenceNumber: number };
    expect(await get(both), type).toBe('InvalidArgumentException');
  }
  expect(await get({ ShardIteratorType: 'FIRST' })).toBe('ValidationException');
  expect(await get({ ShardId: idOf(1) })).toBe('ResourceNotFoundException');
});

it('gives as many records as it is asked for, and says how far behind the rest is', async () => {
  let now = 1_700_000_000_000;
  const { client } = await stream({ now: () => now });
  await put(client, StreamName, 'a', 'b');
  now += 1_250;
  await put(client, StreamName, 'c');
  now += 5_000;
  let ShardIterator: string | undefined = await iterator(client, StreamName);
  const seen: [string[], number | undefined][] = [];
  for (let i = 0; i < 4; i += 1) {
    const answer: GetRecordsOutput = await client.getRecords({ ShardIterator, Limit: 1 });
    seen.push([answer.Records!.map(textOf), answer.MillisBehindLatest]);
    ShardIterator = answer.NextShardIterator;
  }
  expect(seen).toEqual([
    [['a'], 6_250],
    [['b'], 5_000],
    [['c'], 0],
    [[], 0],
  ]);
  for (const Limit of [0, 10_001]) {
    expect(await nameOf(client.getRecords({ ShardIterator, Limit }))).toBe('ValidationException');
  }
  const { Records } = await client.getRecords({
    ShardIterator: await iterator(client, StreamName),
  });
  const times = Records!.map(
    ({ ApproximateArrivalTimestamp }) => now - Number(ApproximateArrivalTimestamp),
  );
  expect(times).toEqual([6_250, 6_250, 5_000]);
});

it('gives at most 10 MiB and 10,000 records at a time', async () => {
  const { client } = await stream();
  const putAll = (count: number, bytes: number) => {
    const record = { PartitionKey: 'k', Data: Buffer.alloc(bytes - 1) };
    return client.putRecords({ StreamName, Records: Array(count).fill(record) });
  };
  await putAll(10, 1_048_576);
  await putAll(1, 2);
  const first = await client.getRecords({ ShardIterator: await iterator(client, StreamName) });
  expect(first.Records).toHaveLength(10);
  expect(first.MillisBehindLatest).toBeGreaterThan(0);
  const second = await client.getRecords({ ShardIterator: first.NextShardIterator });
  expect(second.Records).toHaveLength(1);
  for (let i = 0; i < 21; i += 1) await putAll(500, 2);
  const many = await client.getRecords({ ShardIterator: second.NextShardIterator });
  expect(many.Records).toHaveLength(10_000);
});

it('lets an iterator be used for five minutes, as often as wanted', async () => {
  const { emulator, client } = await stream();
  await put(client, StreamName, 'a');
  const ShardIterator = await iterator(client, StreamName);
  emulator.advance(299_000);
  const { Records, NextShardIterator } = await client.getRecords({ ShardIterator });
  expect(Records!.map(textOf)).toEqual(['a']);
  emulator.advance(2_000);
  expect(await nameOf(client.getRecords({ ShardIterator }))).toBe('ExpiredIteratorException');
  expect((await client.getRecords({ ShardIterator: NextShardIterator })).Records).toEqual([]);
  const marked = ['AAAAAAAAAAE=', 'AAAAAAAAAAFhL2IvYy9kL2U='];
  for (const other of ['x', ...marked, `x${ShardIterator}`, `B${ShardIterator.slice(1)}`]) {
    const call = client.getRecords({ ShardIterator: other });
    expect(await nameOf(call), other).toBe('InvalidArgumentException');
  }
});

it('loses its oldest records when it is told so', async () => {
  const { emulator, client } = await stream();
  const numbers = await put(client, StreamName, 'a', 'b', 'c');
  const early = await iterator(client, StreamName);
  expect(emulator.trim(StreamName, idOf(0), numbers[1]!)).toBe(1);
  expect(await read(client, StreamName)).toEqual(['b', 'c']);
  const where = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' } as const;
  const gone = { ...where, StartingSequenceNumber: numbers[0]! };
  expect(await read(client, StreamName, gone)).toEqual(['b', 'c']);
  const { Records } = await client.getRecords({ ShardIterator: early });
  expect(Records!.map(textOf)).toEqual(['b', 'c']);
  expect(emulator.trim(StreamName, idOf(0), String(BigInt(numbers[2]!) + 1n))).toBe(2);
  expect(await read(client, StreamName)).toEqual([]);
  await put(client, StreamName, 'd');
  expect(await read(client, StreamName)).toEqual(['d']);
});

it('loses what its retention no longer keeps: records, and closed shards as a whole', async () => {
  const { emulator, client } = await stream();
  const hour = 3_600_000;
  await put(client, StreamName, 'a');
  await client.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 25 });
  emulator.advance(24 * hour);
  await put(client, StreamName, 'b');
  expect(await read(client, StreamName)).toEqual(['a', 'b']);
  emulator.advance(2 * hour);
  expect(await read(client, StreamName)).toEqual(['b']);
  await client.splitShard({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: half });
  emulator.advance(25 * hour - 60_000);
  expect(await read(client, StreamName)).toEqual([]);
  emulator.advance(120_000);
  expect(await nameOf(read(client, StreamName))).toBe('ResourceNotFoundException');
});
