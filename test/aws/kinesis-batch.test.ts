import { readFileSync } from 'node:fs';
import type { KinesisStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { kinesisAnswer, kinesisBatch } from '../../adapters/aws/kinesis-batch.ts';
import { placeOf } from '../../adapters/aws/kinesis-records.ts';
import { MillraceError } from '../../core/errors.ts';
import { aggregateOfTexts } from './kinesis-aggregates.ts';

function vector(name: string): KinesisStreamEvent {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'));
}

const firstNumber = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n;

/** A delivered record, with what the test wants otherwise. */
function item(index: number, changes: Record<string, unknown> = {}) {
  const sequenceNumber = String(firstNumber + BigInt(index) * 2n ** 80n);
  const { eventID = `shardId-000000000006:${sequenceNumber}`, ...kinesis } = changes;
  const text = `{"n":${index}}`;
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: '1',
      sequenceNumber,
      data: Buffer.from(text).toString('base64'),
      approximateArrivalTimestamp: 1_545_084_650.987,
      ...kinesis,
    },
    eventSource: 'aws:kinesis',
    eventID,
  };
}

const aggregate = (...texts: string[]) => aggregateOfTexts(...texts).toString('base64');

const textsOf = (items: readonly object[]) =>
  kinesisBatch({ Records: items }).records.map(({ body }) => new TextDecoder().decode(body));

function errorOf(event: unknown): MillraceError {
  try {
    kinesisBatch(event);
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('It gave a batch.');
}

describe('the batch of a Kinesis trigger', () => {
  it.each([
    ['kinesis-event', 'shardId-000000000000', 's1', [1_480_641_523_477, 1_480_841_523_477]],
    ['kinesis-time-window-event', 'shardId-000000000006', '1', [1_607_497_475_000]],
    [
      'powertools-kinesis-stream',
      'shardId-000000000006',
      '1',
      [1_545_084_650_987, 1_545_084_711_166],
    ],
  ])('has shard, position, key, arrival and body of every record of %s', (name, shard, key, at) => {
    const event = vector(name);
    const { partition, records } = kinesisBatch(event);
    expect(partition).toBe(shard);
    expect(records.map(({ arrival }) => arrival)).toEqual(at);
    expect(new Set(records.map(({ partitionKey }) => partitionKey))).toEqual(new Set([key]));
    expect(records.map(({ position }) => String(placeOf(position).sequenceNumber))).toEqual(
      event.Records.map(({ kinesis }) => kinesis.sequenceNumber),
    );
    expect(records.map(({ body }) => Buffer.from(body).toString('base64'))).toEqual(
      event.Records.map(({ kinesis }) => kinesis.data),
    );
  });

  it('tells the arrival in whole milliseconds', () => {
    const times = [1_480_641_523, 1_480_641_523.001, 1_480_641_523.4771];
    const items = times.map((at, i) => item(i, { approximateArrivalTimestamp: at }));
    expect(kinesisBatch({ Records: items }).records.map(({ arrival }) => arrival)).toEqual([
      ...[1_480_641_523_000, 1_480_641_523_001, 1_480_641_523_477],
    ]);
  });

  it('gives plain bytes, also of a record that is empty', () => {
    const { records } = kinesisBatch({ Records: [item(0), item(1, { data: '' })] });
    for (const { body } of records) expect(Object.getPrototypeOf(body)).toBe(Uint8Array.prototype);
    expect(records[1]!.body).toEqual(new Uint8Array(0));
  });

  it('has the records of an aggregate where it stood, each with its own key, at rising positions', () => {
    const data = aggregate('{"a":1}', '{"b":\n2}', '');
    const { records } = kinesisBatch({ Records: [item(0), item(1, { data }), item(2)] });
    const parts = records.slice(1, 4);
    expect(records).toHaveLength(5);
    expect(parts.map(({ body }) => new TextDecoder().decode(body))).toEqual([
      '{"a":1}',
      '{"b":\n2}',
      '',
    ]);
    expect(parts.map(({ partitionKey }) => partitionKey)).toEqual(['key 0', 'key 1', 'key 2']);
    const positions = records.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(positions).size).toBe(5);
    expect(new Set(records.map(({ arrival }) => arrival))).toEqual(new Set([1_545_084_650_987]));
  });

  it('leaves an aggregate that is damaged or empty as it is: it is one dead letter', () => {
    const whole = Buffer.from(aggregate('{"a":1}', '{"b":2}'), 'base64');
    const damaged = Buffer.from(whole);
    damaged[10]! ^= 1;
    const { records } = kinesisBatch({
      Records: [item(0, { data: damaged.toString('base64') }), item(1)],
    });
    expect(records.map(({ body }) => body.length)).toEqual([whole.length, 7]);
  });
});

describe('the answer to a Kinesis trigger', () => {
  const data = aggregate('1', '2', '3');
  const batch = kinesisBatch({ Records: [item(0), item(1, { data }), item(2)] });
  const { records } = batch;
  const identifiers = (position: bigint, line = 0) =>
    kinesisAnswer(batch, { position, line }).batchItemFailures.map(
      ({ itemIdentifier }) => itemIdentifier,
    );
  const numberOf = (index: number) => [item(index).kinesis.sequenceNumber];

  it('names no record when all are committed', () => {
    expect(identifiers(records.at(-1)!.position + 1n)).toEqual([]);
  });

  it('rewinds to the first record when nothing is committed', () => {
    expect(identifiers(0n)).toEqual(numberOf(0));
  });

  it('rewinds to a record of which only some lines are committed', () => {
    expect(identifiers(records[0]!.position, 3)).toEqual(numberOf(0));
    expect(identifiers(records.at(-1)!.position, 3)).toEqual(numberOf(2));
  });

  it('rewinds to an aggregate until all of its records are committed', () => {
    expect(identifiers(records[0]!.position + 1n)).toEqual(numberOf(1));
    expect(identifiers(records[1]!.position + 1n)).toEqual(numberOf(1));
    expect(identifiers(records[3]!.position)).toEqual(numberOf(1));
    expect(identifiers(records[3]!.position + 1n)).toEqual(numberOf(2));
  });
});

describe('a trigger of another form is an error that shows what was there', () => {
  it.each([
    ['no event', undefined, 'Records'],
    ['no records', {}, 'Records'],
    ['an empty batch', { Records: [] }, 'Records'],
    ['a record that is none', { Records: [null] }, 'eventID'],
    ['an event ID without a shard', { Records: [item(0, { eventID: '1' })] }, 'eventID'],
    ['no event ID', { Records: [item(0, { eventID: null })] }, 'eventID'],
    [
      'records of two shards',
      { Records: [item(0), item(1, { eventID: 'shardId-000000000007:1' })] },
      'record of shardId-000000000006',
    ],
    ['a sequence number twice', { Records: [item(0), item(0)] }, 'rise'],
    ['sequence numbers that fall', { Records: [item(1), item(0)] }, 'rise'],
  ])('%s', (_, event, shown) => {
    const error = errorOf(event);
    expect(error.code).toBe('bug');
    expect(error.message).toContain(shown);
    expect(error.message.length).toBeLessThan(400);
  });

  it.each([
    ['sequenceNumber', undefined],
    ['sequenceNumber', 7],
    ['sequenceNumber', ''],
    ['sequenceNumber', '-1'],
    ['sequenceNumber', '1e3'],
    ['sequenceNumber', '1'.repeat(57)],
    ['partitionKey', null],
    ['approximateArrivalTimestamp', '1545084650.987'],
    ['approximateArrivalTimestamp', null],
    ['data', undefined],
    ['data', [1, 2]],
  ])('%s: %j', (name, value) => {
    const error = errorOf({ Records: [item(0, { [name]: value })] });
    expect(error.code).toBe('bug');
    expect(error.message).toContain(`gave no ${name}`);
  });
});

it('loses and changes nothing in a batch of ten thousand records', () => {
  const items = Array.from({ length: 10_000 }, (_, index) => item(index));
  expect(textsOf(items)).toEqual(items.map((_, index) => `{"n":${index}}`));
});
