import { expect, it } from 'vitest';
import { LocalEventPublisher } from '../../adapters/local/local-event-publisher.ts';
import { LocalLog } from '../../adapters/local/local-log.ts';
import { LocalStreamReader } from '../../adapters/local/local-stream-reader.ts';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { MillraceError } from '../../core/errors.ts';
import { bytes } from '../contract/subject.ts';
import { connect, newFolder } from './folder.ts';

const clock = new ManualClock();

function open(folder: string, partitions = 2) {
  const database = connect(folder);
  const log = new LocalLog(database, partitions);
  const publisher = new LocalEventPublisher(log, clock);
  return { database, log, publisher, reader: new LocalStreamReader(log) };
}

async function publishAt(publisher: LocalEventPublisher, times: readonly number[], bucket = 0) {
  for (const time of times) {
    clock.set(time);
    await publisher.publish([{ bucket, bucketCount: 2, body: bytes(String(time)) }]);
  }
}

async function positions(reader: LocalStreamReader, partition = '0'): Promise<bigint[]> {
  return (await reader.read(partition, 0n, 100)).records.map((record) => record.position);
}

it('has contiguous positions from 0 on, and keeps them over a reopen', async () => {
  const folder = newFolder();
  const first = open(folder);
  await publishAt(first.publisher, [10, 11, 12]);
  await publishAt(first.publisher, [13], 1);
  first.database.close();
  const { publisher, reader } = open(folder);
  await publishAt(publisher, [14]);
  const { records, caughtUp } = await reader.read('0', 0n, 100);
  expect(records.map((record) => record.position)).toEqual([0n, 1n, 2n, 3n]);
  expect(records.map((record) => record.arrival)).toEqual([10, 11, 12, 14]);
  expect(caughtUp).toBe(true);
  expect(await positions(reader, '1')).toEqual([0n]);
  expect(await reader.bounds('0')).toEqual({ earliest: 0n, latest: 3n });
});

it('trims what arrived before a time, and readers start behind it', async () => {
  const { log, publisher, reader } = open(newFolder());
  await publishAt(publisher, [10, 20, 30, 40]);
  await publishAt(publisher, [15], 1);
  expect(log.trim(30)).toBe(3);
  expect(log.trim(30)).toBe(0);
  expect(await reader.bounds('0')).toEqual({ earliest: 2n, latest: 3n });
  expect(await reader.bounds('1')).toEqual({ earliest: 1n, latest: 0n });
  expect(await positions(reader)).toEqual([2n, 3n]);
});

it('trims only from the oldest on when the clock was set back', async () => {
  const { log, publisher, reader } = open(newFolder());
  await publishAt(publisher, [10, 50, 20, 60]);
  expect(log.trim(30)).toBe(1);
  expect(await positions(reader)).toEqual([1n, 2n, 3n]);
});

it('goes on at the next position after all records were trimmed and it was reopened', async () => {
  const folder = newFolder();
  const first = open(folder);
  await publishAt(first.publisher, [10, 20, 30]);
  expect(first.log.trim(1_000)).toBe(3);
  expect(await first.reader.bounds('0')).toEqual({ earliest: 3n, latest: 2n });
  expect(await first.reader.read('0', 0n, 10)).toEqual({
    records: [],
    caughtUp: true,
    ended: false,
  });
  first.database.close();
  const { publisher, reader } = open(folder);
  await publishAt(publisher, [40]);
  expect(await positions(reader)).toEqual([3n]);
  expect(await reader.bounds('0')).toEqual({ earliest: 3n, latest: 3n });
});

it('says what to do when another number of partitions is asked for', () => {
  const folder = newFolder();
  open(folder, 4);
  open(folder, 4);
  const error = (() => {
    try {
      return open(folder, 8);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({ code: 'definition' });
  expect((error as MillraceError).problems).toEqual([(error as MillraceError).message]);
  expect((error as MillraceError).message).toMatch(/has 4 partitions, and 8 .* Ask for 4, or use/);
});

it('appends all records of a call or none', async () => {
  const { database, publisher, reader } = open(newFolder());
  database.exec(`CREATE TRIGGER third BEFORE INSERT ON log_records WHEN NEW.id = 2
    BEGIN SELECT raise(FAIL, 'the disk broke'); END`);
  const records = Array.from({ length: 5 }, () => ({
    bucket: 0,
    bucketCount: 2,
    body: bytes('x'),
  }));
  await expect(publisher.publish(records)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await positions(reader)).toEqual([]);
  expect(await reader.bounds('0')).toEqual({ earliest: 0n, latest: -1n });
  database.exec('DROP TRIGGER third');
  expect(await publisher.publish(records)).toHaveLength(5);
  expect(await positions(reader)).toEqual([0n, 1n, 2n, 3n, 4n]);
});

it('holds the write lock from the start of a publish to its end', async () => {
  const folder = newFolder();
  const { log, reader } = open(folder);
  const other = connect(folder, { busyTimeoutMs: 0 });
  class BusyClock extends SystemClock {
    override now(): number {
      expect(() => other.exec('UPDATE log_partitions SET next = next')).toThrow(/locked/);
      return 7;
    }
  }
  const publisher = new LocalEventPublisher(log, new BusyClock());
  const records = [{ bucket: 0, bucketCount: 2, body: bytes('x') }];
  expect(await publisher.publish(records)).toEqual(['accepted']);
  expect(await positions(reader)).toEqual([0n]);
});

it('cuts a read short at its bytes, says so, and leaves no lock behind', async () => {
  const { database, log, publisher } = open(newFolder());
  await publishAt(publisher, [10, 20, 30, 40, 50]);
  const reader = new LocalStreamReader(log, { readBytesMax: 4 });
  expect(await reader.read('0', 0n, 100)).toMatchObject({
    records: [{ position: 0n }, { position: 1n }],
    caughtUp: false,
  });
  expect(await reader.read('0', 3n, 100)).toMatchObject({
    records: [{ position: 3n }, { position: 4n }],
    caughtUp: true,
  });
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  expect(checkpoint).toMatchObject({ busy: 0 });
});

it('keeps partitions beyond the 32nd apart, where ids no longer fit a double', async () => {
  const { publisher, reader } = open(newFolder(), 100);
  const records = Array.from({ length: 100 }, (_, bucket) => ({
    bucket,
    bucketCount: 100,
    body: bytes(String(bucket)),
  }));
  await publisher.publish(records);
  await publisher.publish(records);
  for (let partition = 0; partition < 100; partition += 1) {
    const read = await reader.read(String(partition), 0n, 10);
    expect(read.records.map((record) => record.position)).toEqual([0n, 1n]);
    expect(read.records.map((record) => record.partitionKey)).toEqual(
      Array(2).fill(String(partition)),
    );
    expect(await reader.read(String(partition), 1n << 60n, 10)).toMatchObject({ records: [] });
    expect(await reader.read(String(partition), -5n, 1)).toMatchObject({
      records: [{ position: 0n }],
    });
  }
});
