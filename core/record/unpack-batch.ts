/** Takes the records of a batch apart, the small plain ones many at a time. */
import type { Compression } from '../compression.ts';
import type { JsonObject, StreamRecord } from '../event.ts';
import { mayHoldProto } from './parse.ts';
import { parseLines } from './parse-lines.ts';
import { type Unpacked, type UnpackLimits, unpack } from './unpack.ts';

const joinBytesMax = 16_384;
const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const newline = 0x0a;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const joined = new Uint8Array(joinBytesMax);

/** Small records that were parsed together; null values where that was not possible. */
interface Run {
  readonly from: number;
  readonly count: number;
  readonly values: readonly JsonObject[] | null;
}

/**
 * A function from a record's index to what `unpack` gives for it. A record that is one small plain object is decoded
 * and parsed together with its neighbours, since one call and one look for trouble per 16 KB cost less than many.
 */
export function unpackerOf(
  records: readonly StreamRecord[],
  compression: Compression,
  limits: UnpackLimits,
): (index: number) => Unpacked {
  let run: Run = { from: 0, count: 0, values: null };
  return (index) => {
    const record = records[index] as StreamRecord;
    if (index >= run.from + run.count) run = runFrom(records, index, limits);
    const value = run.values?.[index - run.from];
    if (value === undefined) return unpack(record, compression, limits);
    return { values: [value], errors: null, body: record.body, text: undefined, spans: null };
  };
}

function runFrom(records: readonly StreamRecord[], from: number, limits: UnpackLimits): Run {
  let end = 0;
  let count = 0;
  // A text this short can't nest too deep.
  const bytesMax = Math.min(2 * limits.jsonDepthMax, limits.recordBytesMax);
  for (let i = from; i < records.length; i += 1) {
    const { body } = records[i] as StreamRecord;
    if (body[0] !== openBrace || body.length > bytesMax) break;
    if (end + body.length + 3 > joinBytesMax) break;
    joined[end] = count === 0 ? openBracket : comma;
    joined[end + 1] = newline;
    joined.set(body, end + 2);
    end += body.length + 2;
    count += 1;
  }
  if (count < 2) return { from, count: 1, values: null };
  joined[end] = closeBracket;
  return { from, count, values: parseRun(joined.subarray(0, end + 1), count) };
}

function parseRun(bytes: Uint8Array, count: number): JsonObject[] | null {
  try {
    const text = decoder.decode(bytes);
    return mayHoldProto(text) ? null : parseLines(text, count);
  } catch {
    return null;
  }
}
