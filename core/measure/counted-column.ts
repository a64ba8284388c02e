import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';
import type { Column, Members } from './measure.ts';
import { type CellRange, SparseCells } from './sparse-cells.ts';

/** What a measure makes of counts by bucket. */
export interface Buckets {
  /** Buckets are numbered 0 to `buckets` - 1. */
  readonly buckets: number;
  bucketOf(value: number): number;
  /** The result of a row, from the counts of its buckets in ascending order. */
  result(cells: CellRange): Members | null;
}

/** How many values fell into each of many buckets: integers, so every order of adding gives the same. */
export class CountedColumn implements Column {
  private readonly by: Buckets;
  private readonly cells = new SparseCells({ freeBits: 0 });

  constructor(by: Buckets) {
    this.by = by;
  }

  grow(capacity: number): void {
    this.cells.grow(capacity);
  }

  add(row: number, value: Scalar): void {
    this.cells.add(row, this.by.bucketOf(value as number), 1);
  }

  merge(row: number, from: CountedColumn, fromRow: number): void {
    this.cells.merge(row, from.cells, fromRow);
  }

  /** How many buckets each row has, then all their numbers as distances, then all counts. */
  encode(out: Writer, rows: Uint32Array): void {
    for (const row of rows) {
      const { from, to } = this.cells.row(row);
      out.unsigned(to - from);
    }
    for (const row of rows) {
      const { keys, from, to } = this.cells.row(row);
      let before = -1;
      for (let i = from; i < to; i += 1) {
        out.unsigned((keys[i] as number) - before - 1);
        before = keys[i] as number;
      }
    }
    for (const row of rows) {
      const { counts, from, to } = this.cells.row(row);
      for (let i = from; i < to; i += 1) out.unsigned((counts[i] as number) - 1);
    }
  }

  static decode(from: Reader, rows: number, by: Buckets): CountedColumn {
    const column = new CountedColumn(by);
    column.grow(rows);
    const sizes = Array.from({ length: rows }, () => from.unsigned(by.buckets));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total > from.left) throw from.damaged('buckets that are not there');
    const keys = new Uint32Array(total);
    let at = 0;
    for (const size of sizes) {
      for (let i = 0, bucket = -1; i < size; i += 1, at += 1) {
        bucket += 1 + from.unsigned(by.buckets - 2 - bucket);
        keys[at] = bucket;
      }
    }
    at = 0;
    for (const [row, size] of sizes.entries()) {
      for (let i = 0; i < size; i += 1, at += 1) {
        column.cells.add(row, keys[at] as number, from.unsigned() + 1);
      }
    }
    return column;
  }

  result(row: number): Members | null {
    return this.by.result(this.cells.row(row));
  }

  json(row: number): string {
    return JSON.stringify(this.result(row));
  }

  compare(): number {
    return 0;
  }

  heldBytes(): number {
    return this.cells.bytes();
  }
}
