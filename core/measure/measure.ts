import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';

/** What a measure takes from an event: nothing, a number, or a number or text. */
export type Takes = 'nothing' | 'number' | 'scalar';

/** What a measure gives for a row; null for a measure of nothing. */
export type Result = number | string | null;

/**
 * The values of one measure for the rows of one table, a commutative monoid per row: a new row is empty, and
 * the result is the same whatever the order of `add` and `merge`.
 */
export interface Column {
  /** Makes room for rows 0 to `capacity` - 1; new ones are empty. */
  grow(capacity: number): void;
  /** Adds the value of one event, which the fold has checked to be what the measure takes. */
  add(row: number, value: Scalar): void;
  /** Adds a row of a column of the same measure. */
  merge(row: number, from: Column, fromRow: number): void;
  /** Writes the given rows in the given order. */
  encode(out: Writer, rows: Uint32Array): void;
  /** The result of a row as a JavaScript value: the nearest number where it has more digits. */
  result(row: number): Result;
  /** The result as JSON, with all its digits. */
  json(row: number): string;
  /** Negative, 0 or positive as row `a` stands before, at or after row `b`; nothing stands first. */
  compare(a: number, b: number): number;
}

/** The settings of a measure in a view. */
export interface MeasureOptions {
  /** Decimal digits kept behind the point, 0 to 12. */
  readonly scale: number;
}

/** A kind of measure: how columns of it are made and read back. */
export interface Measure {
  readonly takes: Takes;
  create(options: MeasureOptions): Column;
  /**
   * Reads the column of `rows` rows that `encode` wrote.
   *
   * @throws MillraceError `damaged` for anything that `encode` can't have written.
   */
  decode(from: Reader, rows: number, options: MeasureOptions): Column;
}
