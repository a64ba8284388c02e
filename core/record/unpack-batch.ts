/** Takes the records of a batch apart, the small plain ones many at a time. */
import type { Compression } from '../compression.ts';
import type { JsonObject, StreamRecord } from '../event.ts';
import { mayHoldProto } from './parse.ts';
import { type Unpacked, type UnpackLimits, unpack } from './unpack.ts';

const joinBytesMax = 65_536;
const openBrace = 0x7b;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const joined = new Uint8Array(joinBytesMax);

/** Small records decoded as one text: ASCII without newlines or anything that needs a closer look. */
interface Run {
  readonly from: number;
  /** Where the text of record `from` + i starts; one more at the end. */
  readonly starts: readonly number[];
  readonly text: string | null;
}

/**
 * A function from a record's index to what `unpack` gives for it. A record that is a small plain object is decoded
 * together with its neighbours, since one call and one look for trouble per 64 KB cost far less than one per event.
 */
export function unpackerOf(
  records: readonly StreamRecord[],
  compression: Compression,
  limits: UnpackLimits,
): (index: number) => Unpacked {
  let run: Run = { from: 0, starts: [0], text: null };
  return (index) => {
    const record = records[index] as StreamRecord;
    if (index >= run.from + run.starts.length - 1) run = runFrom(records, index, limits);
    const at = index - run.from;
    if (run.text !== null && at < run.starts.length - 1) {
      const text = run.text.slice(run.starts[at], run.starts[at + 1]);
      const value = objectOf(text);
      if (value !== null) {
        return { values: [value], errors: null, body: record.body, text, spans: null };
      }
    }
    return unpack(record, compression, limits);
  };
}

function runFrom(records: readonly StreamRecord[], from: number, limits: UnpackLimits): Run {
  const starts = [0];
  let end = 0;
  // A text this short can't nest too deep.
  const bytesMax = Math.min(2 * limits.jsonDepthMax, limits.recordBytesMax);
  for (let i = from; i < records.length; i += 1) {
    const { body } = records[i] as StreamRecord;
    if (body[0] !== openBrace || body.length > bytesMax || end + body.length > joinBytesMax) break;
    joined.set(body, end);
    end += body.length;
    starts.push(end);
  }
  // A record that takes part in no run stands alone.
  if (starts.length === 1) return { from, starts: [0, 0], text: null };
  return { from, starts, text: clean(joined.subarray(0, end)) };
}

/** The text of bytes that are ASCII and hold nothing that needs a closer look, else null. */
function clean(bytes: Uint8Array): string | null {
  try {
    const text = decoder.decode(bytes);
    if (text.length !== bytes.length) return null;
    return text.includes('\n') || mayHoldProto(text) ? null : text;
  } catch {
    return null;
  }
}

function objectOf(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    // It starts with a brace, so it is an object if it is anything.
    return value as JsonObject;
  } catch {
    return null;
  }
}
