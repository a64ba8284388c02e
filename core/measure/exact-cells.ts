import type { Reader, Writer } from '../bytes.ts';
import { addExact, type Exact } from './decimal.ts';

/** A growing row of exact integers: doubles while they are safe, with the few larger ones as bigints beside them. */
export class ExactCells {
  private small: Float64Array = new Float64Array(0);
  private readonly large = new Map<number, bigint>();

  grow(capacity: number): void {
    const grown = new Float64Array(capacity);
    grown.set(this.small);
    this.small = grown;
  }

  add(row: number, value: Exact): void {
    if (this.large.size === 0 && typeof value === 'number') {
      const sum = (this.small[row] as number) + value;
      if (Number.isSafeInteger(sum)) {
        this.small[row] = sum;
        return;
      }
    }
    this.set(row, addExact(this.get(row), value));
  }

  get(row: number): Exact {
    return this.large.get(row) ?? (this.small[row] as number);
  }

  private set(row: number, value: Exact): void {
    if (typeof value === 'number') {
      this.small[row] = value;
      this.large.delete(row);
    } else {
      this.small[row] = 0;
      this.large.set(row, value);
    }
  }

  encode(out: Writer, rows: Uint32Array): void {
    for (const row of rows) out.signed(this.get(row));
  }

  static decode(from: Reader, rows: number): ExactCells {
    const cells = new ExactCells();
    cells.grow(rows);
    for (let row = 0; row < rows; row += 1) cells.set(row, from.signed());
    return cells;
  }
}
