import { MillraceError } from '../../core/errors.ts';
import { defaultLimits } from '../../core/limits.ts';
import { nestsDeeperThan } from '../../core/record/depth.ts';
import { chunkRows, type InputRow, type OpenInput, rawText } from './input-row.ts';
import { splitLines } from './lines.ts';

/** The longest line that is read whole, bytes; of a longer one the dead letter keeps the first 1,024. */
export const lineBytesMax: number = defaultLimits.recordUnpackedBytesMax;
/** The largest document that is read, bytes: a JSON array or GeoJSON is held in memory as a whole. */
export const arrayBytesMax: number = 268_435_456;

const keptBytes = 1_024;
const decoder = new TextDecoder('utf-8', { fatal: true });
const [newline, carriageReturn, bracket, blank] = [0x0a, 0x0d, 0x5b, 0x20];

/**
 * Opens NDJSON or, if the first byte that is not blank is `[`, a JSON array. Blank lines are no rows; a line that is
 * no JSON object is passed on raw.
 */
export function openNdjson(bytes: AsyncIterable<Uint8Array>, name: string): OpenInput {
  return { columns: null, chunks: rowsOf(bytes, name) };
}

async function* rowsOf(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<InputRow[]> {
  const lines = splitLines(lineBytesMax);
  const array: Uint8Array[] = [];
  let isArray: boolean | null = null;
  let rows: InputRow[] = [];
  let row = 0;
  for await (const piece of bytes) {
    isArray ??= startsArray(piece);
    if (isArray === true) {
      array.push(piece);
      requireSize(array, name);
      continue;
    }
    for (const line of lines.push(piece)) {
      if (isBlank(line)) continue;
      rows.push(rowOf(line, ++row));
      if (rows.length < chunkRows) continue;
      yield rows;
      rows = [];
    }
  }
  if (isArray === true) {
    yield* elements(Buffer.concat(array), name);
    return;
  }
  for (const line of lines.end()) if (!isBlank(line)) rows.push(rowOf(line, ++row));
  if (rows.length > 0) yield rows;
}

function rowOf(line: Uint8Array, row: number): InputRow {
  if (line.length > lineBytesMax) {
    const start = Buffer.from(line.subarray(0, keptBytes)).toString();
    return { row, raw: rawText(`a line of more than ${lineBytesMax} bytes: ${start}`) };
  }
  try {
    const text = decoder.decode(line);
    const value: unknown = JSON.parse(text);
    const tooDeep = nestsDeeperThan(text, defaultLimits.jsonDepthMax);
    if (isObject(value) && !tooDeep) return { row, value };
  } catch {
    // It is no JSON, or no text: the pipeline says so in the dead letter.
  }
  const ink = line.find((byte) => !isBlankByte(byte));
  if (ink === bracket) return { row, raw: rawText(Buffer.from(line).toString()) };
  const raw = new Uint8Array(line.length + 1);
  raw[0] = blank;
  raw.set(line, 1);
  return { row, raw };
}

function* elements(bytes: Uint8Array, name: string): Generator<InputRow[]> {
  yield* valueRows(parseWhole(bytes, name, 'JSON array') as unknown[]);
}

/**
 * The value of a document that is held in memory as a whole.
 *
 * @throws MillraceError `request` when it is none.
 */
export function parseWhole(bytes: Uint8Array, name: string, what: string): unknown {
  try {
    const text = decoder.decode(bytes);
    const { jsonDepthMax } = defaultLimits;
    if (nestsDeeperThan(text, jsonDepthMax + 1)) throw new Error(`over ${jsonDepthMax} levels`);
    return JSON.parse(text);
  } catch (cause) {
    const reason = (cause as Error).message;
    const message = `${name} starts as a ${what} but can't be read as one: ${reason}`;
    throw new MillraceError('request', message, { cause });
  }
}

/** The rows of values, in chunks; what is no object is passed on raw. */
export function* valueRows(values: readonly unknown[]): Generator<InputRow[]> {
  for (let from = 0; from < values.length; from += chunkRows) {
    yield values.slice(from, from + chunkRows).map((value, index): InputRow => {
      const row = from + index + 1;
      return isObject(value) ? { row, value } : { row, raw: rawText(JSON.stringify(value)) };
    });
  }
}

/** @throws MillraceError `request` for more bytes than are held in memory. */
export function requireSize(pieces: readonly Uint8Array[], name: string): void {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (total <= arrayBytesMax) return;
  const message = `${name} is one document of more than ${arrayBytesMax} bytes: make it NDJSON`;
  throw new MillraceError('request', message);
}

/** Null when the piece is blank, so that the next one decides. */
function startsArray(piece: Uint8Array): boolean | null {
  const start = piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf ? 3 : 0;
  const ink = piece.subarray(start).find((byte) => !isBlankByte(byte));
  return ink === undefined ? null : ink === bracket;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBlank(line: Uint8Array): boolean {
  return line.every(isBlankByte);
}

function isBlankByte(byte: number): boolean {
  return byte === blank || byte === newline || byte === carriageReturn || byte === 0x09;
}
