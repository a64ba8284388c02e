import type { StreamRecord } from '../../core/event.ts';
import { unpackAggregate } from './kinesis-aggregate.ts';

/** A record as Kinesis delivers it, to a Lambda function or to a reader. */
export interface KinesisRecord {
  readonly sequenceNumber: bigint;
  readonly partitionKey: string;
  /** Whole epoch milliseconds. */
  readonly arrival: number;
  readonly data: Uint8Array;
}

/** A record of at most 10 MiB holds fewer than 2^24 records of six bytes or more. */
const partBits = 24n;
const lastPart = 2n ** partBits - 1n;

/**
 * The records of a record: itself or, of an aggregate, those packed into it, each with its own
 * partition key and body.
 *
 * A position is the sequence number, then 24 bits for the part: parts count from 1, and the last
 * one (or the only one) has all bits set. So one more than the position of the last part stands
 * behind the whole record (see `placeOf`). It is the same however a record was delivered.
 *
 * After shards were split or merged, a producer library that learns late of it sends such records
 * again to the right shard. Kinesis' own client library leaves out the first of the two by the hash
 * keys of the shard, which a Lambda function is not told: here both count.
 */
export function recordsOf(record: KinesisRecord): StreamRecord[] {
  const { sequenceNumber, partitionKey, arrival, data } = record;
  const first = sequenceNumber << partBits;
  const parts = unpackAggregate(data);
  if (parts === null) return [{ position: first | lastPart, partitionKey, arrival, body: data }];
  return parts.map(({ partitionKey, data }, index) => {
    const part = index === parts.length - 1 ? lastPart : BigInt(index + 1);
    return { position: first | part, partitionKey, arrival, body: data };
  });
}

/** The position before any part of the record with this sequence number, and behind all of those before it. */
export function positionBefore(sequenceNumber: bigint): bigint {
  return sequenceNumber << partBits;
}

/** Where a position stands: in the record with this sequence number, or behind it and before all that follow. */
export interface Place {
  readonly sequenceNumber: bigint;
  readonly where: 'in' | 'behind';
}

/** Where a position stands among the records of Kinesis. */
export function placeOf(position: bigint): Place {
  const sequenceNumber = position >> partBits;
  return (position & lastPart) === 0n
    ? { sequenceNumber: sequenceNumber - 1n, where: 'behind' }
    : { sequenceNumber, where: 'in' };
}

/** A view of the same bytes without the ways of a Buffer, which the core must not get to see. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
