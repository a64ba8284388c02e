import { hash } from 'node:crypto';

/** A record of a producer that packs many into one record of the stream. */
export interface UserRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

const magic = [0xf3, 0x89, 0x9a, 0xc2];
const digestBytes = 16;

/**
 * The records that the Kinesis Producer Library, or another that writes its format, has packed into
 * one; null if the bytes are no such aggregate, whole and with at least one record: then they are a
 * record like any other.
 *
 * The format: four magic bytes, a message of Protocol Buffers, and its MD5. The message has the
 * partition keys (field 1) and the records (field 3), each the index of its key (1) and its data
 * (3). The data are views of the bytes, no copies.
 * (https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md)
 */
export function unpackAggregate(bytes: Uint8Array): readonly UserRecord[] | null {
  if (bytes.length < magic.length + digestBytes) return null;
  if (magic.some((byte, i) => bytes[i] !== byte)) return null;
  const message = bytes.subarray(magic.length, -digestBytes);
  const digest = Buffer.from(bytes.subarray(-digestBytes)).toString('hex');
  return hash('md5', message, 'hex') === digest ? recordsOf(message) : null;
}

function recordsOf(message: Uint8Array): UserRecord[] | null {
  const keys: string[] = [];
  const parts: Part[] = [];
  const isWhole = eachField(message, (field, value) => {
    if (field === 1 && typeof value !== 'number') keys.push(Buffer.from(value).toString());
    if (field !== 3 || typeof value === 'number') return true;
    const part = partOf(value);
    if (part !== null) parts.push(part);
    return part !== null;
  });
  if (!isWhole || parts.length === 0) return null;
  const records = parts.flatMap(({ key, data }) => {
    const partitionKey = keys[key];
    return partitionKey === undefined ? [] : { partitionKey, data };
  });
  return records.length === parts.length ? records : null;
}

interface Part {
  /** Index of its partition key. */
  readonly key: number;
  readonly data: Uint8Array;
}

function partOf(message: Uint8Array): Part | null {
  let key: number | undefined;
  let data: Uint8Array | undefined;
  const isWhole = eachField(message, (field, value) => {
    if (field === 1 && typeof value === 'number') key = value;
    if (field === 3 && typeof value !== 'number') data = value;
    return true;
  });
  return isWhole && key !== undefined && data !== undefined ? { key, data } : null;
}

/** Gives every field of a message: a number or bytes. False if the message is damaged or `take` has refused a field. */
function eachField(
  message: Uint8Array,
  take: (field: number, value: number | Uint8Array) => boolean,
): boolean {
  let at = 0;
  /** NaN beyond the end. */
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = message[at];
      at += 1;
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag % 8;
    const value = type === 0 ? varint() : bytesOf(type);
    if (value === null || Number.isNaN(value) || !take(Math.floor(tag / 8), value)) return false;
  }
  return true;

  function bytesOf(type: number): Uint8Array | null {
    const length = { 1: 8, 2: type === 2 ? varint() : 0, 5: 4 }[type] ?? Number.NaN;
    if (!(at + length <= message.length)) return null;
    at += length;
    return message.subarray(at - length, at);
  }
}
