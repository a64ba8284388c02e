import type { Kinesis as KinesisService } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect, onTestFinished } from 'vitest';
import { KinesisStreamReader } from '../../adapters/aws/kinesis-stream-reader.ts';
import type { StreamRecord } from '../../core/event.ts';
import { lazy } from '../contract/behind-proxy.ts';
import type { Kinesis } from '../emulators/kinesis.ts';
import { clientOf, idOf, kinesis } from '../emulators/kinesis-clients.ts';
import { startKinesisLocal } from '../emulators/kinesis-local.ts';

/** The name of each test's stream. */
export const StreamName = 'clicks';

/** A stream, and its client. */
export interface KinesisStream {
  readonly client: KinesisService;
  readonly reader: KinesisStreamReader;
}

/** A stream in an emulator of its own, whose clients speak HTTP/2 as they do to the service. */
export async function inEmulator(
  shards = 1,
): Promise<KinesisStream & { readonly emulator: Kinesis; readonly asked: string[] }> {
  const emulator = await kinesis();
  const client = clientOf(emulator);
  await client.createStream({ StreamName, ShardCount: shards });
  const asked: string[] = [];
  emulator.onRequest = (operation) => {
    asked.push(operation);
    return null;
  };
  return { emulator, asked, client, reader: new KinesisStreamReader(client, StreamName) };
}

const kinesisLocal = lazy(startKinesisLocal);

/** A stream in kinesis-local, which is started once. */
export async function inKinesisLocal(shards = 1): Promise<KinesisStream> {
  const client = clientOf(await kinesisLocal(), { requestHandler: new NodeHttpHandler() });
  await client.createStream({ StreamName, ShardCount: shards });
  await active(client);
  onTestFinished(async () => {
    await client.deleteStream({ StreamName });
    const names = async () => (await client.listStreams({})).StreamNames;
    await expect.poll(names, { interval: 5, timeout: 10_000 }).toEqual([]);
  });
  return { client, reader: new KinesisStreamReader(client, StreamName) };
}

/** Waits until the stream can be used, and changed again. */
export async function active(client: KinesisService): Promise<void> {
  const status = async () => {
    const { StreamDescriptionSummary } = await client.describeStreamSummary({ StreamName });
    return StreamDescriptionSummary!.StreamStatus;
  };
  await expect.poll(status, { interval: 5, timeout: 10_000 }).toBe('ACTIVE');
}

/** Puts records for a hash key, in one call; gives their sequence numbers. */
export async function put(
  client: KinesisService,
  bodies: readonly (string | Uint8Array)[],
  ExplicitHashKey = '0',
): Promise<bigint[]> {
  const { Records } = await client.putRecords({
    StreamName,
    Records: bodies.map((body) => ({
      ...{ PartitionKey: 'key', ExplicitHashKey },
      Data: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    })),
  });
  return Records!.map(({ SequenceNumber }) => BigInt(SequenceNumber!));
}

/** What the first shard holds, as a trigger delivers it. */
export async function delivered(client: KinesisService): Promise<object> {
  const place = { StreamName, ShardId: idOf(0), ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await client.getShardIterator(place);
  const { Records } = await client.getRecords({ ShardIterator });
  return {
    Records: Records!.map((record) => ({
      eventID: `${idOf(0)}:${record.SequenceNumber}`,
      kinesis: {
        sequenceNumber: record.SequenceNumber,
        partitionKey: record.PartitionKey,
        approximateArrivalTimestamp: record.ApproximateArrivalTimestamp!.getTime() / 1000,
        data: Buffer.from(record.Data!).toString('base64'),
      },
    })),
  };
}

/** All that a reader gives from somewhere on, until it is caught up. */
export async function readAll(
  reader: KinesisStreamReader,
  partition: string,
  from = 0n,
  limit = 100,
): Promise<StreamRecord[]> {
  const all: StreamRecord[] = [];
  for (let next = from, caughtUp = false; !caughtUp; ) {
    const read = await reader.read(partition, next, limit);
    expect(read.records.length).toBeLessThanOrEqual(limit);
    all.push(...read.records);
    caughtUp = read.caughtUp;
    next = (read.records.at(-1)?.position ?? next - 1n) + 1n;
  }
  return all;
}

/** Bodies as texts. */
export function texts(records: readonly StreamRecord[]): string[] {
  return records.map(({ body }) => new TextDecoder().decode(body));
}
