import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import { payloadBytesMax } from './runtime-api.ts';

/** A record as a function gets it. */
export interface EventRecord {
  readonly kinesis: {
    readonly kinesisSchemaVersion: '1.0';
    readonly partitionKey: string;
    readonly sequenceNumber: string;
    /** Base64. */
    readonly data: string;
    /** Epoch seconds, to the millisecond. */
    readonly approximateArrivalTimestamp: number;
  };
  readonly eventSource: 'aws:kinesis';
  readonly eventVersion: '1.0';
  readonly eventID: string;
  readonly eventName: 'aws:kinesis:record';
  readonly invokeIdentityArn: string;
  readonly awsRegion: string;
  readonly eventSourceARN: string;
}

/** A record of a shard, ready to be delivered. */
export interface ShardRecord {
  readonly event: EventRecord;
  /** What it takes of an event's bytes. */
  readonly bytes: number;
  readonly arrivalMs: number;
}

/** Where records come from, as they say it. */
export interface RecordSource {
  readonly shard: string;
  readonly sourceArn: string;
  readonly roleArn: string;
}

const envelopeBytes = Buffer.byteLength('{"Records":[]}');

/** Makes of a record what a function gets. */
export function shardRecord(record: KinesisRecord, source: RecordSource): ShardRecord {
  const { Data, PartitionKey, SequenceNumber, ApproximateArrivalTimestamp } = record;
  const arrivalMs = ApproximateArrivalTimestamp!.getTime();
  const event: EventRecord = {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: PartitionKey!,
      sequenceNumber: SequenceNumber!,
      data: Buffer.from(Data!).toString('base64'),
      approximateArrivalTimestamp: arrivalMs / 1_000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${source.shard}:${SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: source.roleArn,
    awsRegion: source.sourceArn.split(':')[3]!,
    eventSourceARN: source.sourceArn,
  };
  return { event, arrivalMs, bytes: Buffer.byteLength(JSON.stringify(event)) + 1 };
}

/** How many of the records go into one event: up to `recordsMax`, and what one payload holds, but at least one. */
export function batchLength(records: readonly ShardRecord[], recordsMax: number): number {
  let bytes = envelopeBytes;
  for (const [index, record] of records.entries()) {
    bytes += record.bytes;
    if (index === recordsMax || (bytes > payloadBytesMax && index > 0)) return index;
  }
  return records.length;
}
