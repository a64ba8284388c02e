import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';
import { quotient, toUnits } from './decimal.ts';
import { ExactCells } from './exact-cells.ts';
import type { Column, Measure, MeasureOptions } from './measure.ts';

class MeanColumn implements Column {
  private readonly scale: number;
  private readonly sums: ExactCells;
  private readonly counts: ExactCells;

  constructor(scale: number, sums = new ExactCells(), counts = new ExactCells()) {
    this.scale = scale;
    this.sums = sums;
    this.counts = counts;
  }

  grow(capacity: number): void {
    this.sums.grow(capacity);
    this.counts.grow(capacity);
  }

  add(row: number, value: Scalar): void {
    this.sums.add(row, toUnits(value as number, this.scale));
    this.counts.add(row, 1);
  }

  merge(row: number, from: MeanColumn, fromRow: number): void {
    this.sums.add(row, from.sums.get(fromRow));
    this.counts.add(row, from.counts.get(fromRow));
  }

  encode(out: Writer, rows: Uint32Array): void {
    this.sums.encode(out, rows);
    this.counts.encode(out, rows);
  }

  result(row: number): number | null {
    const count = Number(this.counts.get(row));
    return count === 0 ? null : quotient(this.sums.get(row), count, this.scale);
  }

  json(row: number): string {
    return JSON.stringify(this.result(row));
  }

  compare(a: number, b: number): number {
    return (this.result(a) ?? -Infinity) - (this.result(b) ?? -Infinity) || 0;
  }
}

/** The exact sum over the count, correctly rounded; null for nothing. */
export const mean: Measure = {
  ...{ takes: 'number', eventBytesMax: 20 },
  create: ({ scale }: MeasureOptions) => new MeanColumn(scale),
  decode: (from: Reader, rows: number, { scale }: MeasureOptions) => {
    const sums = ExactCells.decode(from, rows);
    const counts = ExactCells.decode(from, rows);
    for (let row = 0; row < rows; row += 1) {
      if (!(counts.get(row) >= 0)) throw from.damaged('a count below 0');
    }
    return new MeanColumn(scale, sums, counts);
  },
};
