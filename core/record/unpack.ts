/** Takes the body of a record apart into events. Total: any bytes give values or failures, never a throw. */
import { type Compression, isCompressed } from '../compression.ts';
import { MillraceError } from '../errors.ts';
import type { JsonObject, StreamRecord } from '../event.ts';
import type { Limits } from '../limits.ts';
import { nestsDeeperThan } from './depth.ts';
import { eventOf, Fault, mayHoldProto, parseJson } from './parse.ts';
import { elementSpans, firstInk, lineSpans } from './spans.ts';
import { syntaxFault } from './syntax.ts';

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
  /** The decoded text; null when the record failed as a whole. */
  readonly text: string | null;
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
  if (text instanceof Fault) return refused(body, text.message);
  const first = firstInk(text, 0, text.length);
  if (first === text.length) return refused(body, 'the body is empty');
  if (text.charCodeAt(first) === openBracket) return unpackArray(body, text, limits);
  if (text.includes('\n')) return unpackLines(body, text, limits);
  const value = eventOf(parseJson(text, limits.jsonDepthMax), mayHoldProto(text));
  return value instanceof Fault ? failed(body, text, value) : single(body, text, value);
}

/** What a dead letter keeps of a line: its text or, when the record failed as a whole, the body as delivered. */
export function rawOf(unpacked: Unpacked, line: number): string | Uint8Array {
  const { body, text, values } = unpacked;
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

function unpackArray(body: Uint8Array, text: string, limits: UnpackLimits): Unpacked {
  const { jsonDepthMax, recordEventsMax } = limits;
  let parsed: readonly unknown[];
  let spans: readonly number[] | null = null;
  if (nestsDeeperThan(text, jsonDepthMax + 1)) {
    // Some element is too deep, so each is parsed on its own and the others are kept.
    const fault = syntaxFault(text);
    if (fault !== null) return refused(body, fault);
    spans = elementSpans(text);
    if (spans.length / 2 > recordEventsMax) return tooManyEvents(body, recordEventsMax);
    parsed = parseSpans(text, spans, jsonDepthMax);
  } else {
    const whole = parseJson(text, jsonDepthMax + 1);
    if (whole instanceof Fault) return refused(body, whole.message);
    parsed = whole as unknown[];
    if (parsed.length > recordEventsMax) return tooManyEvents(body, recordEventsMax);
  }
  return sorted(body, text, parsed, spans);
}

function unpackLines(body: Uint8Array, text: string, limits: UnpackLimits): Unpacked {
  const { jsonDepthMax, recordEventsMax } = limits;
  const spans = lineSpans(text);
  if (spans.length > 2) {
    const first = parseJson(text.slice(spans[0], spans[1]), jsonDepthMax);
    if (first instanceof Fault && first.syntax) {
      const whole = parseJson(text, jsonDepthMax);
      if (!(whole instanceof Fault && whole.syntax)) return sorted(body, text, [whole], null);
    }
  }
  if (spans.length / 2 > recordEventsMax) return tooManyEvents(body, recordEventsMax);
  return sorted(body, text, parseSpans(text, spans, jsonDepthMax), spans);
}

function parseSpans(text: string, spans: readonly number[], depthMax: number): unknown[] {
  const parsed: unknown[] = [];
  for (let i = 0; i < spans.length; i += 2) {
    parsed.push(parseJson(text.slice(spans[i], spans[i + 1]), depthMax));
  }
  return parsed;
}

/** Tells events from failures. */
function sorted(
  body: Uint8Array,
  text: string,
  parsed: readonly unknown[],
  spans: readonly number[] | null,
): Unpacked {
  const suspicious = mayHoldProto(text);
  const values: (JsonObject | null)[] = [];
  let errors: Map<number, string> | null = null;
  for (let line = 0; line < parsed.length; line++) {
    const value = eventOf(parsed[line], suspicious);
    if (value instanceof Fault) {
      errors ??= new Map();
      errors.set(line, value.message);
      values.push(null);
    } else {
      values.push(value);
    }
  }
  return { values, errors, body, text, spans };
}

function single(body: Uint8Array, text: string, value: JsonObject): Unpacked {
  return { values: [value], errors: null, body, text, spans: null };
}

function failed(body: Uint8Array, text: string | null, fault: Fault): Unpacked {
  return { values: [null], errors: new Map([[0, fault.message]]), body, text, spans: null };
}

function refused(body: Uint8Array, message: string): Unpacked {
  return failed(body, null, new Fault(message));
}

function tooManyEvents(body: Uint8Array, max: number): Unpacked {
  return refused(body, `more events than recordEventsMax (${max})`);
}
