/** Takes the body of a record apart into events. Total: any bytes give values or failures, never a throw. */
import { type Compression, isCompressed } from '../compression.ts';
import { MillraceError } from '../errors.ts';
import type { JsonObject, StreamRecord } from '../event.ts';
import type { Limits } from '../limits.ts';
import { mayNestDeeperThan } from './depth.ts';
import { eventOf, Fault, isSuspicious, mayHoldProto, parseJson } from './parse.ts';
import { linesAreObjects, parseLines } from './parse-lines.ts';
import { elementSpans, firstInk, lineSpans } from './spans.ts';

/** The limits that a record is held to. */
export type UnpackLimits = Pick<
  Limits,
  'recordBytesMax' | 'recordUnpackedBytesMax' | 'recordEventsMax' | 'jsonDepthMax'
>;

/** A record taken apart. The line of an event is its index in `values`: the same for the same body, always. */
export interface Unpacked {
  /** The events; null where a line is none (`errors` says why). A record that can't be read is one null. */
  readonly values: readonly (JsonObject | null)[];
  /** By line, one short sentence each; null when every line is an event. */
  readonly errors: ReadonlyMap<number, string> | null;
  /** The body as delivered. */
  readonly body: Uint8Array;
  /** The decoded text; null when the record failed as a whole; undefined while nobody has asked for it. */
  readonly text: string | null | undefined;
  /** Where the lines start and end in the text, in pairs; null when there is one, or none was looked for yet. */
  spans: readonly number[] | null;
}

// A byte order mark is dropped, invalid UTF-8 throws.
const decoder = new TextDecoder('utf-8', { fatal: true });
const openBracket = 0x5b;

/**
 * The events of a record: of one JSON object, an array, NDJSON or one pretty-printed document, plain, gzip or zstd.
 * Failures are values: see `Unpacked`.
 */
export function unpack(
  record: StreamRecord,
  compression: Compression,
  limits: UnpackLimits,
): Unpacked {
  const { body } = record;
  const text = textOf(body, compression, limits);
  if (text instanceof Fault) return failed(body, null, text.message);
  const first = firstInk(text, 0, text.length);
  if (first === text.length) return failed(body, null, 'the body is empty');
  if (text.charCodeAt(first) === openBracket) return unpackArray(body, text, limits);
  if (text.includes('\n')) return unpackLines(body, text, limits);
  return unpackOne(body, text, parseJson(text), limits);
}

/** What a dead letter keeps of a line: its text or, when the record failed as a whole, the body as delivered. */
export function rawOf(unpacked: Unpacked, line: number): string | Uint8Array {
  const { body, values } = unpacked;
  const text = unpacked.text === undefined ? decoder.decode(body) : unpacked.text;
  if (text === null) return body;
  unpacked.spans ??=
    text.charCodeAt(firstInk(text, 0, text.length)) === openBracket
      ? elementSpans(text)
      : [0, text.length];
  if (line < 0 || line >= values.length) throw new MillraceError('bug', `no line ${line} to show`);
  return text.slice(unpacked.spans[2 * line], unpacked.spans[2 * line + 1]);
}

function textOf(body: Uint8Array, compression: Compression, limits: UnpackLimits): string | Fault {
  const { recordBytesMax, recordUnpackedBytesMax } = limits;
  if (body.length > recordBytesMax) {
    return new Fault(`${body.length} bytes are over recordBytesMax (${recordBytesMax})`);
  }
  let bytes = body;
  if (isCompressed(body)) {
    try {
      bytes = compression.decompress(body, recordUnpackedBytesMax);
    } catch (error) {
      return error instanceof MillraceError && error.code === 'too-large'
        ? new Fault(`unpacks to more than recordUnpackedBytesMax (${recordUnpackedBytesMax} bytes)`)
        : new Fault('the compressed body is damaged');
    }
  }
  if (bytes.length > recordUnpackedBytesMax) {
    return new Fault(`over recordUnpackedBytesMax (${recordUnpackedBytesMax} bytes)`);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return new Fault('not UTF-8');
  }
}

function unpackOne(
  body: Uint8Array,
  text: string,
  parsed: unknown,
  limits: UnpackLimits,
): Unpacked {
  const { jsonDepthMax } = limits;
  const value = eventOf(parsed, isSuspicious(text, jsonDepthMax), jsonDepthMax);
  if (value instanceof Fault) return failed(body, text, value.message);
  return { values: [value], errors: null, body, text, spans: null };
}

function unpackArray(body: Uint8Array, text: string, limits: UnpackLimits): Unpacked {
  const { jsonDepthMax, recordEventsMax } = limits;
  const parsed = parseJson(text);
  if (parsed instanceof Fault) return failed(body, null, parsed.message);
  const elements = parsed as readonly unknown[];
  if (elements.length > recordEventsMax) return tooManyEvents(body, recordEventsMax);
  const suspicious = isSuspicious(text, jsonDepthMax + 1);
  const sorted: Sorted = { values: [], errors: null };
  for (const element of elements) add(eventOf(element, suspicious, jsonDepthMax), sorted);
  return { ...sorted, body, text, spans: null };
}

function unpackLines(body: Uint8Array, text: string, limits: UnpackLimits): Unpacked {
  const { jsonDepthMax, recordEventsMax } = limits;
  const spans = lineSpans(text);
  const together = unpackTogether(body, text, spans, limits);
  if (together !== null) return together;
  let parsed = parseJson(text.slice(spans[0], spans[1]));
  if (spans.length > 2 && parsed instanceof Fault) {
    const whole = parseJson(text);
    if (!(whole instanceof Fault && whole.syntax)) return unpackOne(body, text, whole, limits);
  }
  if (spans.length / 2 > recordEventsMax) return tooManyEvents(body, recordEventsMax);
  const proto = mayHoldProto(text);
  const sorted: Sorted = { values: [], errors: null };
  for (let i = 0; i < spans.length; i += 2) {
    const line = text.slice(spans[i], spans[i + 1]);
    if (i > 0) parsed = parseJson(line);
    const suspicious = proto || mayNestDeeperThan(line, jsonDepthMax);
    add(eventOf(parsed, suspicious, jsonDepthMax), sorted);
  }
  return { ...sorted, body, text, spans };
}

/** The usual NDJSON, parsed by one call; null when some line needs a closer look. */
function unpackTogether(
  body: Uint8Array,
  text: string,
  spans: readonly number[],
  limits: UnpackLimits,
): Unpacked | null {
  const count = spans.length / 2;
  const end = spans.at(-1);
  if (count < 2 || count > limits.recordEventsMax || end === undefined) return null;
  if (!linesAreObjects(text, spans) || mayHoldProto(text)) return null;
  for (let i = 0; i < spans.length; i += 2) {
    // A line this short can't nest too deep; and blank lines or returns between two leave a gap.
    if ((spans[i + 1] as number) - (spans[i] as number) > 2 * limits.jsonDepthMax) return null;
    if (i > 0 && spans[i] !== (spans[i - 1] as number) + 1) return null;
  }
  const lines = text.slice(spans[0], end).replaceAll('\n', ',\n');
  const values = parseLines(`[${lines}]`, count);
  return values && { values, errors: null, body, text, spans };
}

/** Lines so far. */
interface Sorted {
  readonly values: (JsonObject | null)[];
  errors: Map<number, string> | null;
}

function add(value: JsonObject | Fault, to: Sorted): void {
  if (value instanceof Fault) {
    to.errors ??= new Map();
    to.errors.set(to.values.length, value.message);
    to.values.push(null);
  } else {
    to.values.push(value);
  }
}

function failed(body: Uint8Array, text: string | null, message: string): Unpacked {
  return { values: [null], errors: new Map([[0, message]]), body, text, spans: null };
}

function tooManyEvents(body: Uint8Array, max: number): Unpacked {
  return failed(body, null, `more events than recordEventsMax (${max})`);
}
