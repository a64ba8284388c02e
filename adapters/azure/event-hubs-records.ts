import type { ReceivedEventData } from '@azure/event-hubs';
import { MillraceError } from '../../core/errors.ts';
import type { StreamRecord } from '../../core/event.ts';

/** The application property that holds a record's bucket, as decimal text. */
export const bucketProperty = 'bucket';

/** A record's partition key: its own, or the bucket. Any producer may set the property to what is no text. */
export function keyOf(partitionKey: unknown, bucket: unknown): string {
  if (typeof partitionKey === 'string') return partitionKey;
  return typeof bucket === 'string' ? bucket : '';
}

/** A received event as a record. The client must not have parsed its body (`skipParsingBodyAsJson`). */
export function recordOf(event: ReceivedEventData): StreamRecord {
  return {
    position: positionOf(event.sequenceNumber),
    partitionKey: keyOf(event.partitionKey, event.properties?.[bucketProperty]),
    arrival: event.enqueuedTimeUtc.getTime(),
    body: bytesOf(event.body),
  };
}

/**
 * A sequence number, which the client's types call a number: far beyond 2^53 it gives the eight bytes instead. Between
 * the two lie 2^32 numbers that it rounds.
 *
 * @throws MillraceError `bug` for one of those.
 */
export function positionOf(sequenceNumber: unknown): bigint {
  if (Buffer.isBuffer(sequenceNumber)) return sequenceNumber.readBigInt64BE();
  if (Number.isSafeInteger(sequenceNumber)) return BigInt(sequenceNumber as number);
  throw new MillraceError(
    'bug',
    `${sequenceNumber} is no sequence number that can be told exactly.`,
  );
}

/** AMQP allows several data sections, and bodies that are no bytes at all, which other producers may send. */
function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (Array.isArray(body) && body.every((part) => part instanceof Uint8Array)) {
    return new Uint8Array(Buffer.concat(body));
  }
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body ?? null));
}
