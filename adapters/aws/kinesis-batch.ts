import { inspect } from 'node:util';
import { MillraceError } from '../../core/errors.ts';
import type { Batch, Cursor } from '../../core/event.ts';
import { type KinesisRecord, placeOf, plainBytes, recordsOf } from './kinesis-records.ts';

const shownCharactersMax = 200;
/** A sequence number has 56 digits; it takes 186 bits. */
const sequenceNumberForm = /^\d{1,56}$/;
/** The form of `eventID`: the shard, then the sequence number. */
const eventIdForm = /^(shardId-\d+):/;

/** What a function answers to its Kinesis event source mapping, which must have `ReportBatchItemFailures` on. */
export interface KinesisAnswer {
  /** Empty for success, else one: delivery starts anew there, whatever came of the records behind it. */
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * The batch that a Kinesis event source mapping delivers, the event as a Lambda function gets it.
 * Aggregated records are unpacked: `recordsOf` says to which positions.
 *
 * @throws MillraceError `bug` if the event is of another form than known: a record is never left
 * out.
 */
export function kinesisBatch(event: unknown): Batch {
  const delivered = field(event, 'Records');
  if (!Array.isArray(delivered) || delivered.length === 0) {
    throw unknownForm('Records, an array that is not empty', event);
  }
  const partition = shardOf(delivered[0]);
  let before = -1n;
  const records = delivered.flatMap((item) => {
    if (shardOf(item) !== partition) throw unknownForm(`record of ${partition}`, item);
    const record = recordOf(item);
    // Out of order, the later record would pass for a repeated one.
    if (record.sequenceNumber <= before) throw unknownForm('sequence numbers that rise', item);
    before = record.sequenceNumber;
    return recordsOf(record);
  });
  return { partition, records };
}

/**
 * The answer for a batch of which everything before `acknowledged` is committed: the mapping
 * delivers it again from the first record on that is not.
 */
export function kinesisAnswer({ records }: Batch, acknowledged: Cursor): KinesisAnswer {
  const first = records.find(({ position }) => position >= acknowledged.position);
  if (first === undefined) return { batchItemFailures: [] };
  // An identifier that is empty or unknown would fail the whole batch.
  const { sequenceNumber } = placeOf(first.position);
  return { batchItemFailures: [{ itemIdentifier: String(sequenceNumber) }] };
}

function shardOf(item: unknown): string {
  const id = field(item, 'eventID');
  const shard = typeof id === 'string' ? eventIdForm.exec(id)?.[1] : undefined;
  if (shard === undefined) throw unknownForm('eventID with a shard', item);
  return shard;
}

function recordOf(item: unknown): KinesisRecord {
  const kinesis = field(item, 'kinesis');
  const sequenceNumber = field(kinesis, 'sequenceNumber');
  if (typeof sequenceNumber !== 'string' || !sequenceNumberForm.test(sequenceNumber)) {
    throw unknownForm('sequenceNumber, a decimal text', kinesis);
  }
  const partitionKey = field(kinesis, 'partitionKey');
  if (typeof partitionKey !== 'string') throw unknownForm('partitionKey, a text', kinesis);
  const seconds = field(kinesis, 'approximateArrivalTimestamp');
  // Milliseconds so far, but nothing says that there will never be smaller fractions.
  const arrival = typeof seconds === 'number' ? Math.round(seconds * 1000) : Number.NaN;
  if (!Number.isSafeInteger(arrival)) {
    throw unknownForm('approximateArrivalTimestamp, a number', kinesis);
  }
  const data = field(kinesis, 'data');
  if (typeof data !== 'string') throw unknownForm('data, a text in base64', kinesis);
  return {
    ...{ sequenceNumber: BigInt(sequenceNumber), partitionKey, arrival },
    data: plainBytes(Buffer.from(data, 'base64')),
  };
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function unknownForm(expected: string, found: unknown): MillraceError {
  const shown = inspect(found, { depth: 3, maxArrayLength: 3, breakLength: Infinity });
  const text = `The Kinesis trigger gave no ${expected}: ${shown.slice(0, shownCharactersMax)}`;
  return new MillraceError('bug', text);
}
