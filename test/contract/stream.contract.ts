import { describe, expect, it } from 'vitest';
import type { StreamRecord } from '../../core/event.ts';
import type { EventPublisher, OutgoingRecord } from '../../core/ports/event-publisher.ts';
import { partitionOf } from '../../core/ports/event-publisher.ts';
import type { StreamReader } from '../../core/ports/stream-reader.ts';
import { bytes, expectError, expectFailures, type Factory, sixteen, subjectOf } from './subject.ts';

/** A publisher and a reader of one stream. */
export interface Stream {
  readonly publisher: EventPublisher;
  readonly reader: StreamReader;
}

const bucketCount = 64;

/**
 * What every EventPublisher and StreamReader must do together. The stream has 3 partitions and is
 * empty.
 */
export function streamContract(factory: Factory<Stream>): void {
  describe('EventPublisher and StreamReader', () => {
    reads(factory);
    ends(factory);
    publishing(factory);
    limits(factory);
  });
}

function outgoing(bucket: number, text: string): OutgoingRecord {
  return { bucket, bucketCount, body: bytes(text) };
}

/** Reads a partition to its end from a position on, in calls of `limit`. */
async function readAll(
  reader: StreamReader,
  partition: string,
  from = 0n,
  limit = 100,
): Promise<StreamRecord[]> {
  const all: StreamRecord[] = [];
  for (let next = from, caughtUp = false; !caughtUp; ) {
    const answer = await reader.read(partition, next, limit);
    expect(answer.records.length).toBeLessThanOrEqual(limit);
    all.push(...answer.records);
    caughtUp = answer.caughtUp;
    next = (all.at(-1)?.position ?? next - 1n) + 1n;
  }
  return all;
}

function texts(records: readonly StreamRecord[]): string[] {
  return records.map((record) => new TextDecoder().decode(record.body));
}

async function partitionIds(reader: StreamReader): Promise<string[]> {
  return (await reader.partitions()).map((partition) => partition.id);
}

/** A stream with 20 records in its first partition; they are `0` to `19`. */
async function filled(factory: Factory<Stream>) {
  const { publisher, reader } = (await subjectOf(factory)).port;
  const records = Array.from({ length: 20 }, (_, i) => outgoing(0, String(i)));
  expect(new Set(await publisher.publish(records))).toEqual(new Set(['accepted']));
  const partition = (await partitionIds(reader))[0]!;
  return { publisher, reader, partition, records: await readAll(reader, partition) };
}

function reads(factory: Factory<Stream>): void {
  it('says what an empty stream is: no records, caught up, latest = earliest - 1', async () => {
    const { publisher, reader } = (await subjectOf(factory)).port;
    expect(await publisher.publish([])).toEqual([]);
    const partitions = await reader.partitions();
    expect(partitions).toHaveLength(3);
    for (const { id, parents } of partitions) {
      expect(parents).toEqual([]);
      expect(await reader.read(id, 0n, 10)).toEqual({ records: [], caughtUp: true, ended: false });
      expect(await reader.read(id, 1_000_000n, 10)).toEqual({
        records: [],
        caughtUp: true,
        ended: false,
      });
      const { earliest, latest } = await reader.bounds(id);
      if (latest !== null) expect(latest).toBe(earliest - 1n);
    }
  });

  it('keeps the order of a partition, at rising positions', async () => {
    const { records } = await filled(factory);
    expect(texts(records)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    const positions = records.map((record) => record.position);
    for (const [i, position] of positions.entries()) {
      expect(typeof position).toBe('bigint');
      if (i > 0) expect(position).toBeGreaterThan(positions[i - 1]!);
    }
  });

  it('tells key, arrival and plain bytes of a record', async () => {
    const { records } = await filled(factory);
    for (const record of records) {
      expect(record.partitionKey).toBe('0');
      expect(Number.isSafeInteger(record.arrival)).toBe(true);
      expect(Object.getPrototypeOf(record.body)).toBe(Uint8Array.prototype);
    }
  });

  it('reads from a position in the middle, the record there included', async () => {
    const { reader, partition, records } = await filled(factory);
    for (const index of [0, 1, 7, 19]) {
      const from = records[index]!.position;
      expect(await readAll(reader, partition, from)).toEqual(records.slice(index));
      expect(await readAll(reader, partition, from, 3)).toEqual(records.slice(index));
    }
    expect(await reader.read(partition, records.at(-1)!.position + 1n, 5)).toEqual({
      records: [],
      caughtUp: true,
      ended: false,
    });
  });
}

function ends(factory: Factory<Stream>): void {
  it('is caught up exactly when nothing newer is there', async () => {
    const { publisher, reader, partition, records } = await filled(factory);
    expect((await reader.read(partition, 0n, 19)).caughtUp).toBe(false);
    const next = records.at(-1)!.position + 1n;
    expect((await reader.read(partition, next, 5)).caughtUp).toBe(true);
    await publisher.publish([outgoing(0, 'new'), outgoing(0, 'newer')]);
    expect((await reader.read(partition, next, 1)).caughtUp).toBe(false);
    expect(texts(await readAll(reader, partition, next, 1))).toEqual(['new', 'newer']);
  });

  it('bounds a filled partition by its first and last record, and no other', async () => {
    const { reader, partition, records } = await filled(factory);
    const bounds = await reader.bounds(partition);
    expect(bounds.earliest).toBe(records[0]!.position);
    if (bounds.latest !== null) expect(bounds.latest).toBe(records.at(-1)!.position);
    for (const id of (await partitionIds(reader)).slice(1)) {
      expect((await reader.read(id, 0n, 10)).records).toEqual([]);
    }
  });

  it('refuses an unknown partition', async () => {
    const { reader } = (await subjectOf(factory)).port;
    for (const id of ['nothing', '', '-1', '3', '00', '1e0', '99999999999']) {
      await expectError(reader.read(id, 0n, 1), 'request');
      await expectError(reader.bounds(id), 'request');
    }
  });
}

function publishing(factory: Factory<Stream>): void {
  it('puts every bucket in the partition of its share, under its decimal key', async () => {
    const { publisher, reader } = (await subjectOf(factory)).port;
    const buckets = Array.from({ length: bucketCount }, (_, bucket) => bucket);
    await publisher.publish(buckets.map((bucket) => outgoing(bucket, `b${bucket}`)));
    const ids = await partitionIds(reader);
    for (const [index, id] of ids.entries()) {
      const expected = buckets.filter((b) => partitionOf(b, bucketCount, ids.length) === index);
      const records = await readAll(reader, id);
      expect(records.map((record) => record.partitionKey)).toEqual(expected.map(String));
      expect(texts(records)).toEqual(expected.map((bucket) => `b${bucket}`));
    }
  });

  it('takes the same record twice when it is published twice', async () => {
    const { publisher, reader } = (await subjectOf(factory)).port;
    for (let i = 0; i < 2; i += 1) await publisher.publish([outgoing(0, 'same')]);
    const [partition] = await partitionIds(reader);
    expect(texts(await readAll(reader, partition!))).toEqual(['same', 'same']);
  });

  it('loses nothing of sixteen publishers at once, and keeps the order of each', async () => {
    const { port, another } = await subjectOf(factory);
    const streams = await Promise.all(sixteen.map(() => another()));
    const publish = async ({ publisher }: Stream, name: number) => {
      for (let i = 0; i < 5; i += 1) {
        const records = [0, 1].map((j) => outgoing(name * 4, `${name}:${2 * i + j}`));
        expect(await publisher.publish(records)).toEqual(['accepted', 'accepted']);
      }
    };
    await Promise.all(streams.map(publish));
    const read: string[] = [];
    for (const id of await partitionIds(port.reader)) {
      const records = await readAll(port.reader, id);
      expect(new Set(records.map((record) => record.position)).size).toBe(records.length);
      read.push(...texts(records));
    }
    expect(read).toHaveLength(160);
    for (const name of sixteen) {
      const own = read.filter((text) => text.startsWith(`${name}:`));
      expect(own).toEqual(Array.from({ length: 10 }, (_, i) => `${name}:${i}`));
    }
  });

  it('shares no bytes with its callers', async () => {
    const { publisher, reader } = (await subjectOf(factory)).port;
    const record = outgoing(0, 'one');
    await publisher.publish([record]);
    record.body.fill(0);
    const [partition] = await partitionIds(reader);
    const [read] = await readAll(reader, partition!);
    expect(texts([read!])).toEqual(['one']);
    read!.body.fill(0);
    expect(texts(await readAll(reader, partition!))).toEqual(['one']);
  });
}

function limits(factory: Factory<Stream>): void {
  it('takes a record of recordBytesMax, and refuses only the one that is a byte over', async () => {
    const { publisher, reader } = (await subjectOf(factory)).port;
    const most = new Uint8Array(publisher.recordBytesMax).fill(7);
    const over = new Uint8Array(publisher.recordBytesMax + 1).fill(7);
    const outcomes = await publisher.publish([
      outgoing(0, 'first'),
      { bucket: 0, bucketCount, body: over },
      { bucket: 0, bucketCount, body: most },
    ]);
    expect(outcomes).toEqual(['accepted', 'too-large', 'accepted']);
    const [partition] = await partitionIds(reader);
    const records = await readAll(reader, partition!);
    expect(records.map((record) => record.body.length)).toEqual([5, most.length]);
  });

  it('takes callRecordsMax records in a call and refuses one more as a whole', async () => {
    const { publisher, reader } = (await subjectOf(factory)).port;
    const most = Array.from({ length: publisher.callRecordsMax }, (_, i) => outgoing(0, `${i}`));
    await expectError(publisher.publish([...most, outgoing(0, 'over')]), 'too-large');
    const [partition] = await partitionIds(reader);
    expect(await readAll(reader, partition!)).toEqual([]);
    expect(await publisher.publish(most)).toEqual(most.map(() => 'accepted'));
    expect(await readAll(reader, partition!)).toHaveLength(most.length);
  });

  it('refuses a bucket outside its count, and a limit below one', async () => {
    const { publisher, reader } = (await subjectOf(factory)).port;
    for (const bucket of [-1, 64, 0.5]) {
      await expectError(publisher.publish([outgoing(bucket, 'x')]), 'request');
    }
    const [partition] = await partitionIds(reader);
    await expectError(reader.read(partition!, 0n, 0), 'request');
  });

  it('maps failures of the transport to their codes', async () => {
    await expectFailures(
      factory,
      [({ publisher }) => publisher.publish([outgoing(0, 'x')])],
      [({ reader }) => reader.read('0', 0n, 1), ({ reader }) => reader.bounds('0')],
    );
  });
}
