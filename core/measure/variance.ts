import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';
import { type Exact, ratioOf, squareOf, toUnits } from './decimal.ts';
import { ExactCells } from './exact-cells.ts';
import type { Column, Measure, MeasureOptions } from './measure.ts';

/**
 * Count, sum and sum of squares as exact integers of the declared scale. Formulas that update a mean and a spread
 * (Welford's, Chan's) round at every step, so their last digits depend on the order; these don't, and merge by adding.
 */
class VarianceColumn implements Column {
  private readonly scale: number;
  private readonly root: boolean;
  private readonly counts: ExactCells;
  private readonly sums: ExactCells;
  private readonly squares: ExactCells;

  constructor(
    scale: number,
    root: boolean,
    [counts = new ExactCells(), sums = new ExactCells(), squares = new ExactCells()]: ExactCells[],
  ) {
    this.scale = scale;
    this.root = root;
    this.counts = counts;
    this.sums = sums;
    this.squares = squares;
  }

  grow(capacity: number): void {
    this.counts.grow(capacity);
    this.sums.grow(capacity);
    this.squares.grow(capacity);
  }

  add(row: number, value: Scalar): void {
    const units = toUnits(value as number, this.scale);
    this.counts.add(row, 1);
    this.sums.add(row, units);
    this.squares.add(row, squareOf(units));
  }

  merge(row: number, from: VarianceColumn, fromRow: number): void {
    this.counts.add(row, from.counts.get(fromRow));
    this.sums.add(row, from.sums.get(fromRow));
    this.squares.add(row, from.squares.get(fromRow));
  }

  encode(out: Writer, rows: Uint32Array): void {
    this.counts.encode(out, rows);
    this.sums.encode(out, rows);
    this.squares.encode(out, rows);
  }

  static decode(from: Reader, rows: number, scale: number, root: boolean): VarianceColumn {
    const counts = ExactCells.decode(from, rows);
    const sums = ExactCells.decode(from, rows);
    const squares = ExactCells.decode(from, rows);
    for (let row = 0; row < rows; row += 1) {
      const count = counts.get(row);
      const square = squares.get(row);
      if (!(count >= 0)) throw from.damaged('a count below 0');
      if (!(square >= 0) || (count === 0 && square !== 0)) {
        throw from.damaged('a sum of squares that can not be');
      }
    }
    return new VarianceColumn(scale, root, [counts, sums, squares]);
  }

  result(row: number): number | null {
    const count = this.counts.get(row);
    if (count === 0) return null;
    const top = spread(count, this.sums.get(row), this.squares.get(row));
    const variance = ratioOf(top, BigInt(count) ** 2n * 100n ** BigInt(this.scale));
    return this.root ? Math.sqrt(variance) : variance;
  }

  json(row: number): string {
    return JSON.stringify(this.result(row));
  }

  compare(a: number, b: number): number {
    return (this.result(a) ?? -Infinity) - (this.result(b) ?? -Infinity) || 0;
  }
}

/** n times the sum of squares less the square of the sum: n² variances. */
function spread(count: Exact, sum: Exact, squares: Exact): bigint {
  return BigInt(count) * BigInt(squares) - BigInt(sum) ** 2n;
}

function measure(root: boolean): Measure {
  return {
    // 2^53 at scale 12 is a number of 93 bits, and its square one of 186.
    ...{ takes: 'number', eventBytesMax: 48 },
    create: ({ scale }: MeasureOptions) => new VarianceColumn(scale, root, []),
    decode: (from, rows, { scale }: MeasureOptions) =>
      VarianceColumn.decode(from, rows, scale, root),
  };
}

/** The population variance of a field, the correctly rounded value of the exact one; null for nothing. */
export const variance: Measure = measure(false);

/** The population standard deviation: the root of the variance; null for nothing. */
export const stddev: Measure = measure(true);
