import type { Reader, Writer } from '../bytes.ts';
import type { Column, Measure } from './measure.ts';

class CountColumn implements Column {
  private counts: Float64Array = new Float64Array(0);

  grow(capacity: number): void {
    const grown = new Float64Array(capacity);
    grown.set(this.counts);
    this.counts = grown;
  }

  add(row: number): void {
    this.counts[row] = (this.counts[row] as number) + 1;
  }

  merge(row: number, from: CountColumn, fromRow: number): void {
    this.counts[row] = (this.counts[row] as number) + (from.counts[fromRow] as number);
  }

  encode(out: Writer, rows: Uint32Array): void {
    for (const row of rows) out.unsigned(this.counts[row] as number);
  }

  static decode(from: Reader, rows: number): CountColumn {
    const column = new CountColumn();
    column.grow(rows);
    for (let row = 0; row < rows; row += 1) column.counts[row] = from.unsigned();
    return column;
  }

  result(row: number): number {
    return this.counts[row] as number;
  }

  json(row: number): string {
    return String(this.counts[row]);
  }

  compare(a: number, b: number): number {
    return (this.counts[a] as number) - (this.counts[b] as number);
  }
}

/** How many events there were: an integer. */
export const count: Measure = {
  ...{ takes: 'nothing', eventBytesMax: 20 },
  create: () => new CountColumn(),
  decode: (from, rows) => CountColumn.decode(from, rows),
};
