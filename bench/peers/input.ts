import type { KinesisStreamRecord } from 'aws-lambda';
import { clickTexts } from '../clicks.ts';

/** What to deliver. */
export interface InputOptions {
  /** Events of the stream, those that come twice by their id included. */
  readonly events: number;
  /** Events of a record. */
  readonly pack: number;
  readonly seed: number;
}

/** Events of a batch. */
const batchEvents = 1_000;
/** Events of the batch before that are delivered again with each batch. */
const againEvents = 10;
/** One event of so many is followed by a bad one. */
const badEvery = 1_000;
const bad = ['{"id":"broken', '{"id":"b","type":"click","at":1700000000000,"page":"/p/bad"}'];
/** The number of the first record. */
export const firstNumber = 49590338271490256608559692538361571095921575989136588898n;
/** The one shard that all records come from. */
export const shard = 'shardId-000000000000';
const arn = 'arn:aws:kinesis:eu-central-1:111122223333:stream/clicks';

/**
 * The batches of a shard as Lambda delivers them, each made when it is asked for. Of the ids 1 % come twice, within the
 * last 1,000 events: in the same batch or in the one before. The last 1 % of each batch comes again at the head of the
 * next, as after an acknowledgement that was lost. One event of 1,000 is bad.
 */
export function* deliveries(options: InputOptions): Generator<KinesisStreamRecord[]> {
  const { events, pack, seed } = options;
  const size = Math.max(1, Math.round(batchEvents / pack));
  const again = Math.max(1, Math.round(againEvents / pack));
  let tail: KinesisStreamRecord[] = [];
  let batch: KinesisStreamRecord[] = [];
  let texts: string[] = [];
  let count = 0;
  const close = (): void => {
    if (texts.length === 0) return;
    batch.push(recordOf(count, texts.join('\n')));
    count += 1;
    texts = [];
  };
  for (const text of textsOf(events, seed)) {
    texts.push(text);
    if (texts.length === pack) close();
    if (batch.length < size) continue;
    yield [...tail, ...batch];
    tail = batch.slice(-again);
    batch = [];
  }
  close();
  if (batch.length > 0) yield [...tail, ...batch];
}

/** Clicks, and bad events among them. */
function* textsOf(count: number, seed: number): Generator<string> {
  let i = 0;
  for (const text of clickTexts({ count, rate: 1_000, keys: 10_000, seed })) {
    yield text;
    i += 1;
    if (i % badEvery === badEvery / 2) yield bad[Math.floor(i / badEvery) % bad.length] as string;
  }
}

function recordOf(index: number, text: string): KinesisStreamRecord {
  const sequenceNumber = String(firstNumber + BigInt(index));
  return {
    awsRegion: 'eu-central-1',
    eventID: `${shard}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: arn,
    eventVersion: '1.0',
    invokeIdentityArn: 'arn:aws:iam::111122223333:role/clicks',
    kinesis: {
      approximateArrivalTimestamp: 1_700_000_000 + index / 1_000,
      data: Buffer.from(text).toString('base64'),
      kinesisSchemaVersion: '1.0',
      partitionKey: String(index % 100),
      sequenceNumber,
    },
  };
}
