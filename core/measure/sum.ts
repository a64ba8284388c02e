import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';
import { compareExact, toUnits, unitsToText } from './decimal.ts';
import { ExactCells } from './exact-cells.ts';
import type { Column, Measure, MeasureOptions } from './measure.ts';

class SumColumn implements Column {
  private readonly scale: number;
  private readonly cells: ExactCells;

  constructor(scale: number, cells = new ExactCells()) {
    this.scale = scale;
    this.cells = cells;
  }

  grow(capacity: number): void {
    this.cells.grow(capacity);
  }

  add(row: number, value: Scalar): void {
    this.cells.add(row, toUnits(value as number, this.scale));
  }

  merge(row: number, from: SumColumn, fromRow: number): void {
    this.cells.add(row, from.cells.get(fromRow));
  }

  encode(out: Writer, rows: Uint32Array): void {
    this.cells.encode(out, rows);
  }

  result(row: number): number {
    return Number(this.json(row));
  }

  json(row: number): string {
    return unitsToText(this.cells.get(row), this.scale);
  }

  compare(a: number, b: number): number {
    return compareExact(this.cells.get(a), this.cells.get(b));
  }
}

/** The exact sum of a field, in integers of the declared decimal scale; 0 for nothing. */
export const sum: Measure = {
  ...{ takes: 'number', eventBytesMax: 20 },
  create: ({ scale }: MeasureOptions) => new SumColumn(scale),
  decode: (from: Reader, rows: number, { scale }: MeasureOptions) =>
    new SumColumn(scale, ExactCells.decode(from, rows)),
};
