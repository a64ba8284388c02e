import { type Compression, isCompressed } from '../../core/compression.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import { Fault, parseJson } from '../../core/record/parse.ts';
import { rawOf, type Unpacked, unpack } from '../../core/record/unpack.ts';
import { HttpProblem } from './problem.ts';

const mediaTypes =
  /^(application\/(.+\+)?(json|x-ndjson|ndjson|jsonl|octet-stream|gzip|zstd)|text\/plain)$/;

/** @throws HttpProblem 415 for a body that claims to be something else than JSON. */
export function checkMediaType(request: Request): void {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type && !mediaTypes.test(type)) {
    const detail = `Send application/json or application/x-ndjson, not ${type}.`;
    throw new HttpProblem(415, 'media-type', detail, {
      headers: { 'accept-post': 'application/json, application/x-ndjson' },
    });
  }
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (!/^(identity|gzip|x-gzip|zstd)$/.test(encoding)) {
    const detail = `Content-Encoding may be gzip or zstd, not ${encoding}.`;
    throw new HttpProblem(415, 'media-type', detail, {
      headers: { 'accept-encoding': 'gzip, zstd' },
    });
  }
}

/** How long a body claims to be, bytes; null if it doesn't say. */
export function claimedBytes(request: Request): number | null {
  const length = request.headers.get('content-length');
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/**
 * Reads a body, at most `requestBytesMax` of it.
 *
 * @param onBytes hears how many there are so far; what it throws ends the reading.
 * @throws HttpProblem 413; 400 when the client went away.
 */
export async function readBody(
  request: Request,
  bytesMax: number,
  onBytes: (bytes: number) => void,
): Promise<Uint8Array> {
  const tooLarge = (): HttpProblem =>
    new HttpProblem(413, 'too-large', `The body is over requestBytesMax (${bytesMax} bytes).`);
  if ((claimedBytes(request) ?? 0) > bytesMax) throw tooLarge();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of request.body ?? []) {
      length += part.length;
      if (length > bytesMax) throw tooLarge();
      onBytes(length);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, 'request', 'The body could not be read to its end.');
  }
  if (parts.length === 1) return parts[0] as Uint8Array;
  const body = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

/**
 * The body as text bytes: unpacked when it is gzip or zstd, told by its first bytes, whatever the headers say.
 *
 * @throws HttpProblem 413, 400.
 */
export function unpackBody(
  request: Request,
  body: Uint8Array,
  compression: Compression,
  bytesMax: number,
): Uint8Array {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (!isCompressed(body)) {
    if (encoding === 'identity' || body.length === 0) return body;
    throw new HttpProblem(400, 'request', `The body is not ${encoding}, as its header says.`);
  }
  const bytes = decompress(body, compression, bytesMax);
  if (!isCompressed(bytes)) return bytes;
  throw new HttpProblem(400, 'request', 'The body is compressed more than once.');
}

function decompress(body: Uint8Array, compression: Compression, bytesMax: number): Uint8Array {
  try {
    return compression.decompress(body, bytesMax);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'too-large') {
      const detail = `The body unpacks to more than requestUnpackedBytesMax (${bytesMax} bytes).`;
      throw new HttpProblem(413, 'too-large', detail);
    }
    throw new HttpProblem(400, 'request', 'The compressed body is damaged or cut short.');
  }
}

/**
 * The events of a body, by the rules of records.
 *
 * @throws HttpProblem 400 for what is no JSON at all, 413 for too many events.
 */
export function eventsOf(bytes: Uint8Array, compression: Compression, limits: Limits): Unpacked {
  const record = { position: 0n, partitionKey: '', arrival: 0, body: bytes };
  const unpacked = unpack(record, compression, {
    recordBytesMax: limits.requestUnpackedBytesMax,
    recordUnpackedBytesMax: limits.requestUnpackedBytesMax,
    recordEventsMax: limits.requestEventsMax,
    jsonDepthMax: limits.jsonDepthMax,
  });
  if (unpacked.values.length === 1 && unpacked.values[0] === null) {
    const message = unpacked.errors?.get(0) ?? 'no event';
    const { text } = unpacked;
    if (typeof text !== 'string') throw wholeFailure(bytes, message, limits.requestEventsMax);
    const parsed = parseJson(text);
    if (parsed instanceof Fault && parsed.syntax) throw new HttpProblem(400, 'request', message);
  }
  return unpacked;
}

/** Why a body failed as a whole: the only cause that is left when it can be parsed is their number. */
function wholeFailure(bytes: Uint8Array, message: string, eventsMax: number): HttpProblem {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new HttpProblem(400, 'request', 'The body is not UTF-8.');
  }
  const first = text.trimStart()[0];
  if (first === undefined) return new HttpProblem(400, 'request', 'The body is empty.');
  if (first === '[' && parseJson(text) instanceof Fault) {
    return new HttpProblem(400, 'request', message);
  }
  const detail = `The body holds more events than requestEventsMax (${eventsMax}).`;
  return new HttpProblem(413, 'too-large', detail);
}

/** An event's text as it came, on one line: JSON has line ends between tokens alone, where a space does as well. */
export function lineOf(unpacked: Unpacked, index: number): string {
  const raw = rawOf(unpacked, index);
  const text = typeof raw === 'string' ? raw : new TextDecoder().decode(raw);
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, ' ').trim() : text.trim();
}
