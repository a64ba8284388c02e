import { randomUUID } from 'node:crypto';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ShardRecord } from './kinesis-event.ts';

/** Records that are given up, and why. */
export interface Discarded {
  readonly records: readonly ShardRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** How often they were to be delivered, the time at which they were given up included. */
  readonly invocations: number;
  /** Of the last invocation; null if there was none. */
  readonly requestId: string | null;
  /** How the last invocation ended; null if that is not why they are given up. */
  readonly response: { readonly functionError: string | null } | null;
}

/** Where they come from. */
export interface DiscardedFrom {
  readonly functionArn: string;
  readonly mappingId: string;
  readonly streamArn: string;
  readonly shard: string;
}

/** Tells the on-failure destination of a mapping: a queue gets metadata alone, a bucket the records as well. */
export class FailureDestination {
  private readonly arn: string;
  private readonly sqs: SQSClient;
  private readonly s3: S3Client;

  constructor(arn: string, sqs: SQSClient, s3: S3Client) {
    this.arn = arn;
    this.sqs = sqs;
    this.s3 = s3;
  }

  async tell(discarded: Discarded, from: DiscardedFrom, nowMs: number): Promise<void> {
    const [, , service, , account, name] = this.arn.split(':');
    const message = messageOf(discarded, from, nowMs);
    if (service === 'sqs') {
      const queue = { QueueName: name!, QueueOwnerAWSAccountId: account! };
      const { QueueUrl } = await this.sqs.send(new GetQueueUrlCommand(queue));
      const MessageBody = JSON.stringify(message);
      await this.sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl!, MessageBody }));
      return;
    }
    const Records = discarded.records.map(({ event }) => event);
    const Body = JSON.stringify({ ...message, payload: JSON.stringify({ Records }) });
    const Key = objectKey(from, nowMs);
    await this.s3.send(new PutObjectCommand({ Bucket: name!, Key, Body }));
  }
}

function messageOf(discarded: Discarded, from: DiscardedFrom, nowMs: number): object {
  const { records, condition, invocations, response } = discarded;
  const first = records[0]!;
  const last = records.at(-1)!;
  return {
    requestContext: {
      requestId: discarded.requestId ?? randomUUID(),
      functionArn: from.functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    ...(response && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', ...response },
    }),
    version: '1.0',
    timestamp: timestampOf(nowMs),
    KinesisBatchInfo: {
      shardId: from.shard,
      startSequenceNumber: first.event.kinesis.sequenceNumber,
      endSequenceNumber: last.event.kinesis.sequenceNumber,
      approximateArrivalOfFirstRecord: timestampOf(first.arrivalMs),
      approximateArrivalOfLastRecord: timestampOf(last.arrivalMs),
      batchSize: records.length,
      streamArn: from.streamArn,
    },
  };
}

/** `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<random>`, as the service names it. */
function objectKey({ mappingId, shard }: DiscardedFrom, nowMs: number): string {
  const time = timestampOf(nowMs);
  const day = time.slice(0, 10).replaceAll('-', '/');
  const second = time.slice(0, 19).replaceAll(':', '.');
  return `aws/lambda/${mappingId}/${shard}/${day}/${second}-${randomUUID()}`;
}

const timestampOf = (ms: number): string => new Date(ms).toISOString();
