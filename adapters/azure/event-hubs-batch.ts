import { inspect } from 'node:util';
import { MillraceError } from '../../core/errors.ts';
import type { Batch, StreamRecord } from '../../core/event.ts';
import { bucketProperty, keyOf } from './event-hubs-records.ts';

const longMax = 2n ** 63n - 1n;
const shownCharactersMax = 200;
/** What .NET writes for a date: seven digits of a second, and no zone although it is UTC. */
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * The batch that an Event Hubs trigger delivers: `messages` and `triggerMetadata` as the Functions host hands
 * them over, where a position is the event's sequence number.
 *
 * Read from `systemPropertiesArray` (and `propertiesArray` for a bucket), which has one item per event. The arrays
 * beside it do not line up: `partitionKeyArray` drops what is empty. The bodies are views of the messages, no copies.
 *
 * @throws MillraceError `definition` if the trigger doesn't deliver binary batches, `bug` if the metadata is of
 * another form than known: an event is never left out.
 */
export function eventHubsBatch(messages: unknown, triggerMetadata: unknown): Batch {
  const bodies = bodiesOf(messages);
  const partition = field(field(triggerMetadata, 'partitionContext'), 'partitionId');
  if (typeof partition !== 'string' || partition === '') {
    throw unknownForm('partitionContext.partitionId, a text', triggerMetadata);
  }
  const properties = field(triggerMetadata, 'systemPropertiesArray');
  if (!Array.isArray(properties) || properties.length !== bodies.length) {
    throw unknownForm(`systemPropertiesArray for ${bodies.length} events`, triggerMetadata);
  }
  const custom = field(triggerMetadata, 'propertiesArray');
  const customOf = (index: number) => (Array.isArray(custom) ? custom[index] : undefined);
  const records = bodies.map((body, index) => recordOf(body, properties[index], customOf(index)));
  for (let i = 1; i < records.length; i += 1) {
    // Out of order, the later record would pass for a repeated one.
    if (records[i]!.position > records[i - 1]!.position) continue;
    throw unknownForm('sequence numbers that rise', properties.slice(i - 1, i + 1));
  }
  return { partition, records };
}

function bodiesOf(messages: unknown): Uint8Array[] {
  if (Array.isArray(messages) && messages.every((each) => each instanceof Uint8Array)) {
    return messages.map((each) => new Uint8Array(each.buffer, each.byteOffset, each.length));
  }
  const kind = Array.isArray(messages) ? 'an array of other things than bytes' : typeof messages;
  const problem =
    "The Event Hubs trigger must have cardinality: 'many' and dataType: 'binary', " +
    `so that it delivers an array of bytes; it delivered ${kind}.`;
  throw new MillraceError('definition', problem, { problems: [problem] });
}

function recordOf(body: Uint8Array, properties: unknown, custom: unknown): StreamRecord {
  const position = positionOf(field(properties, 'sequenceNumber'));
  if (position === null) throw unknownForm('sequenceNumber, an integer', properties);
  const arrival = arrivalOf(field(properties, 'enqueuedTimeUtc'));
  if (arrival === null) throw unknownForm('enqueuedTimeUtc, a date', properties);
  const partitionKey = keyOf(field(properties, 'partitionKey'), field(custom, bucketProperty));
  return { position, partitionKey, arrival, body };
}

/** A 64-bit integer in any form of any host: a number, a decimal text, or two halves of 32 bits. */
function positionOf(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? inRange(BigInt(value)) : null;
  if (typeof value === 'string') return /^\d{1,19}$/.test(value) ? inRange(BigInt(value)) : null;
  const low = field(value, 'low');
  const high = field(value, 'high');
  if (!isHalf(low) || !isHalf(high)) return null;
  return inRange((BigInt(high) << 32n) + BigInt(low >>> 0));
}

/** Half of a 64-bit integer, with or without a sign. */
const isHalf = (value: unknown): value is number =>
  typeof value === 'number' && ((value | 0) === value || value >>> 0 === value);

const inRange = (position: bigint): bigint | null =>
  position >= 0n && position <= longMax ? position : null;

function arrivalOf(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const zone = dateTime.exec(value);
  if (zone === null) return null;
  const time = Date.parse(zone[2] === undefined ? `${value}Z` : value);
  return Number.isNaN(time) ? null : time;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function unknownForm(expected: string, found: unknown): MillraceError {
  const shown = inspect(found, { depth: 3, maxArrayLength: 3, breakLength: Infinity });
  const text = `The Event Hubs trigger gave no ${expected}: ${shown.slice(0, shownCharactersMax)}`;
  return new MillraceError('bug', text);
}
