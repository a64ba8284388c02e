import {
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import type { MillraceError } from '../../core/errors.ts';
import {
  EventPublisher,
  type OutgoingRecord,
  type PublishOutcome,
} from '../../core/ports/event-publisher.ts';
import { checkRecords } from '../arguments.ts';
import { awsError } from './errors.ts';

/** What a {@link KinesisEventPublisher} may be told. */
export interface KinesisEventPublisherOptions {
  /**
   * Default 1,048,560: the 1 MiB that a stream takes unless it is told to take more, without 16
   * bytes for the partition key. At most 10,485,744.
   */
  readonly recordBytesMax?: number;
}

/** Records of one PutRecords, at most. */
const putRecordsMax = 500;
/** Bytes of one PutRecords, at most, partition keys included. */
const putBytesMax = 10_485_760;
const keyBytesMax = 16;

/**
 * An {@link EventPublisher} into a Kinesis stream, whose partitions are its open shards in the
 * order of their hash keys. The bucket decides on the hash key (`hashKeyOf`), so no list of shards
 * is needed, and every bucket has one shard also after these were split or merged.
 *
 * Kinesis refuses records one by one: one that a shard had no room for may be overtaken by a later
 * one of the same call. So who wants to keep the order of a bucket sends a record when the one
 * before it is accepted, as the packing publisher does. What is left of a call that failed as a
 * whole is not sent.
 *
 * The client must have `maxAttempts: 1`, and a `requestTimeout` of a few seconds in its
 * `requestHandler`. It may be asked for `kinesis:PutRecords`.
 */
export class KinesisEventPublisher extends EventPublisher {
  override readonly recordBytesMax: number;
  override readonly callRecordsMax = putRecordsMax;
  private readonly client: KinesisClient;
  private readonly streamName: string;

  constructor(
    client: KinesisClient,
    streamName: string,
    options: KinesisEventPublisherOptions = {},
  ) {
    super();
    this.client = client;
    this.streamName = streamName;
    this.recordBytesMax = options.recordBytesMax ?? 1_048_576 - keyBytesMax;
  }

  override async publish(records: readonly OutgoingRecord[]): Promise<PublishOutcome[]> {
    checkRecords(records, this.callRecordsMax);
    const outcomes = records.map((): PublishOutcome => 'too-large');
    const indexes = [...records.keys()].filter((i) => this.takes(records[i] as OutgoingRecord));
    for (let sent = 0; sent < indexes.length; ) {
      const call = indexes.slice(sent, endOfCall(records, indexes, sent));
      try {
        const answers = await this.put(call.map((index) => records[index] as OutgoingRecord));
        for (const [i, index] of call.entries()) outcomes[index] = outcomeOf(answers[i]);
      } catch (cause) {
        const error = awsError('publish', cause);
        // Nothing else is known yet: neither of a record that was sent, nor of one that is too large.
        if (sent === 0 && indexes.length === records.length) throw error;
        const throttled = (error as MillraceError).code === 'throttled';
        for (const index of indexes.slice(sent)) {
          outcomes[index] = throttled ? 'throttled' : 'unavailable';
        }
        return outcomes;
      }
      sent += call.length;
    }
    return outcomes;
  }

  private takes({ body }: OutgoingRecord): boolean {
    return body.length <= this.recordBytesMax;
  }

  private async put(records: readonly OutgoingRecord[]): Promise<PutRecordsResultEntry[]> {
    const command = new PutRecordsCommand({
      StreamName: this.streamName,
      Records: records.map(({ bucket, bucketCount, body }) => ({
        PartitionKey: String(bucket),
        ExplicitHashKey: hashKeyOf(bucket, bucketCount),
        Data: body,
      })),
    });
    return (await this.client.send(command)).Records ?? [];
  }
}

/** The hash keys of Kinesis have 128 bits. A bucket's is this much of its share behind the share's start. */
const nudgeBits = 17n;

/**
 * The hash key of a bucket, 0 to 2^128 - 1 in decimal: the hash keys are shared out equally among
 * the buckets, and this is the start of the bucket's share, or 2^-17 of the share behind it. Where
 * n shards have equal parts of the hash keys, it falls to the one with index `partitionOf(bucket,
 * bucketCount, n)`, as long as n < 2^17; the middle of the share would not, where a share has parts
 * in two shards. The start itself would be the very first hash key of many a shard, and fall to the
 * one before it if that had been rounded up.
 */
export function hashKeyOf(bucket: number, bucketCount: number): string {
  const start = ((BigInt(bucket) << nudgeBits) | 1n) << (128n - nudgeBits);
  return String(start / BigInt(bucketCount));
}

/** How many of the records, from one on, fit into one call: where they end. */
function endOfCall(
  records: readonly OutgoingRecord[],
  indexes: readonly number[],
  start: number,
): number {
  let bytes = 0;
  let end = start;
  for (; end < indexes.length; end += 1) {
    bytes += (records[indexes[end] as number] as OutgoingRecord).body.length + keyBytesMax;
    if (end > start && bytes > putBytesMax) break;
  }
  return end;
}

/** What has no sequence number is not in the stream. */
function outcomeOf(answer: PutRecordsResultEntry | undefined): PublishOutcome {
  if (typeof answer?.SequenceNumber === 'string') return 'accepted';
  const code = answer?.ErrorCode;
  if (code === 'ProvisionedThroughputExceededException') return 'throttled';
  // The stream takes less than `recordBytesMax`.
  return code === 'InvalidArgumentException' ? 'too-large' : 'unavailable';
}
