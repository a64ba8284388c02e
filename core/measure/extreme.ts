import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';
import { compareScalars, readScalar, ScalarWriter } from '../scalars.ts';
import type { Column, Measure } from './measure.ts';

/** The cells: numbers in doubles (NaN is nothing), texts beside them, since few views have any. */
class ExtremeColumn implements Column {
  private readonly sign: 1 | -1;
  private numbers: Float64Array = new Float64Array(0);
  private readonly texts = new Map<number, string>();

  constructor(sign: 1 | -1) {
    this.sign = sign;
  }

  grow(capacity: number): void {
    const grown = new Float64Array(capacity).fill(Number.NaN, this.numbers.length);
    grown.set(this.numbers);
    this.numbers = grown;
  }

  private get(row: number): number | string | null {
    const number = this.numbers[row] as number;
    if (!Number.isNaN(number)) return number;
    return this.texts.size === 0 ? null : (this.texts.get(row) ?? null);
  }

  private set(row: number, value: number | string): void {
    if (typeof value === 'number') {
      this.numbers[row] = value + 0;
      this.texts.delete(row);
    } else {
      this.numbers[row] = Number.NaN;
      this.texts.set(row, value);
    }
  }

  add(row: number, value: Scalar): void {
    const held = this.numbers[row] as number;
    if (typeof value === 'number' && !Number.isNaN(held)) {
      if (this.sign > 0 ? value > held : value < held) this.numbers[row] = value + 0;
      return;
    }
    const old = this.get(row);
    if (old === null || compareScalars(value, old) * this.sign > 0) {
      this.set(row, value as number | string);
    }
  }

  merge(row: number, from: ExtremeColumn, fromRow: number): void {
    const value = from.get(fromRow);
    if (value !== null) this.add(row, value);
  }

  encode(out: Writer, rows: Uint32Array): void {
    const scalars = new ScalarWriter(out);
    for (const row of rows) scalars.write(this.get(row));
  }

  static decode(from: Reader, rows: number, sign: 1 | -1): ExtremeColumn {
    const column = new ExtremeColumn(sign);
    column.grow(rows);
    for (let row = 0; row < rows; row += 1) {
      const value = readScalar(from);
      if (typeof value === 'boolean') throw from.damaged('a boolean among numbers and texts');
      if (value !== null) column.set(row, value);
    }
    return column;
  }

  result(row: number): number | string | null {
    return this.get(row);
  }

  json(row: number): string {
    return JSON.stringify(this.get(row));
  }

  compare(a: number, b: number): number {
    const left = this.get(a);
    const right = this.get(b);
    if (left === null || right === null) return (left === null ? 0 : 1) - (right === null ? 0 : 1);
    return compareScalars(left, right);
  }
}

/** The smallest value of a field, numbers before texts; null for nothing. */
export const min: Measure = {
  ...{ takes: 'scalar', eventBytesMax: 20 },
  create: () => new ExtremeColumn(-1),
  decode: (from, rows) => ExtremeColumn.decode(from, rows, -1),
};

/** The largest value of a field, numbers before texts; null for nothing. */
export const max: Measure = {
  ...{ takes: 'scalar', eventBytesMax: 20 },
  create: () => new ExtremeColumn(1),
  decode: (from, rows) => ExtremeColumn.decode(from, rows, 1),
};
