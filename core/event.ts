/** Bytes as a stream delivered them. */
export interface StreamRecord {
  /** Where the record stands in its partition: strictly increasing, not always contiguous. */
  readonly position: bigint;
  readonly partitionKey: string;
  /** When the stream took the record, whole epoch milliseconds. */
  readonly arrival: number;
  /** One JSON value, a JSON array or NDJSON; plain, gzip or zstd (told by the first bytes). */
  readonly body: Uint8Array;
}

/** Records of one partition in order of position, as a trigger or a reader delivers them. */
export interface Batch {
  readonly partition: string;
  readonly records: readonly StreamRecord[];
}

/**
 * The first event that is not yet folded: line `line` (from 0) of the record at `position` or, if there is no
 * such record, the first one after it.
 */
export interface Cursor {
  readonly position: bigint;
  readonly line: number;
}

/** The cursor of a partition of which nothing was read. */
export const start: Cursor = { position: 0n, line: 0 };

/** Negative, 0 or positive as `a` stands before, at or after `b`. */
export function compareCursors(a: Cursor, b: Cursor): number {
  return a.position < b.position ? -1 : a.position > b.position ? 1 : a.line - b.line;
}

/** A value that may be part of a key. */
export type Scalar = string | number | boolean;

/** A part of a row's key; null, which no event's key has, in all parts of an overflow row. */
export type KeyPart = Scalar | null;

/** A JSON object after the parse, before or after the transform. */
export type JsonObject = { readonly [field: string]: unknown };

/** Why an event is a dead letter (architecture, section 3). */
export type DeadReason = 'undecodable' | 'invalid' | 'future' | 'function-failed' | 'too-large';

/** An event's time is in the years 0 to 9999, so that it has an RFC 3339 text. Epoch milliseconds. */
export const eventTimeMin: number = -62_167_219_200_000;
/** The last millisecond of the year 9999. */
export const eventTimeMax: number = 253_402_300_799_999;
/** The earliest instant: the watermark of a partition that has seen nothing. Epoch milliseconds. */
export const timeMin: number = -8_640_000_000_000_000;
/** The latest instant: `finalTo` of a stream that has ended. Epoch milliseconds. */
export const timeMax: number = 8_640_000_000_000_000;
