import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';

/** What a measure takes from an event: nothing, a number, a number or text, or those and booleans. */
export type Takes = 'nothing' | 'number' | 'scalar' | 'any';

/** One of the most frequent values: it came `count` times at most, and `count - error` times at least. */
export interface TopValue {
  readonly value: Scalar;
  readonly count: number;
  readonly error: number;
}

/** Numbers by the names of a measure's members. */
export type Members = Readonly<Record<string, number>>;

/** What a measure gives for a row; null for a measure of nothing. */
export type Result = Scalar | Members | readonly TopValue[] | null;

/** The event that a value comes from. */
export interface Stamp {
  /** Its event time, epoch milliseconds. */
  readonly time: number;
  readonly id: string;
}

/**
 * The values of one measure for the rows of one table, a commutative monoid per row: a new row is empty, and
 * the result is the same whatever the order of `add` and `merge`.
 */
export interface Column {
  /** Makes room for rows 0 to `capacity` - 1; new ones are empty. */
  grow(capacity: number): void;
  /** Adds the value of one event, which the fold has checked to be what the measure takes. */
  add(row: number, value: Scalar, stamp: Stamp): void;
  /** Adds a row of a column of the same measure. */
  merge(row: number, from: Column, fromRow: number): void;
  /** Writes the given rows in the given order. */
  encode(out: Writer, rows: Uint32Array): void;
  /** The result of a row as a JavaScript value: the nearest number where it has more digits. */
  result(row: number): Result;
  /** The result as JSON, with all its digits. */
  json(row: number): string;
  /**
   * Negative, 0 or positive as row `a` stands before, at or after row `b`; nothing stands first. Only where the result
   * is one value: rows are ordered by members, or not at all, where it has several.
   */
  compare(a: number, b: number): number;
  /** About how many bytes the rows take beyond a few each; left out where they never do. */
  heldBytes?(): number;
}

/** The settings of a measure in a view. */
export interface MeasureOptions {
  /** Decimal digits kept behind the point, 0 to 12. */
  readonly scale: number;
  /** Shares of the values, 0 to 1, below which quantiles are asked for. They don't change what is stored. */
  readonly at?: readonly number[];
  /** Lower edges of the buckets of a histogram, ascending. */
  readonly edges?: readonly number[];
  /** How many values the top has. */
  readonly k?: number;
}

/** A kind of measure: how columns of it are made and read back. */
export interface Measure {
  readonly takes: Takes;
  /** The most bytes by which one event makes the column longer, its text and its id aside. */
  readonly eventBytesMax: number;
  /** Whether the ids of events are written. */
  readonly keepsIds?: boolean;
  /** The names of the numbers of a result that has several, in order; none where it has no such. */
  members?(options: MeasureOptions): readonly string[];
  create(options: MeasureOptions): Column;
  /**
   * Reads the column of `rows` rows that `encode` wrote.
   *
   * @throws MillraceError `damaged` for anything that `encode` can't have written.
   */
  decode(from: Reader, rows: number, options: MeasureOptions): Column;
}
