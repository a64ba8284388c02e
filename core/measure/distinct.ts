import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';
import type { Column, Measure } from './measure.ts';
import {
  estimate,
  fineRankBits,
  fineWord,
  isFineWord,
  raise,
  rankMax,
  registers,
} from './registers.ts';
import { type CellRange, SparseCells } from './sparse-cells.ts';

/** A row of more distinct values than this has coarse registers, which then take less room than what it had. */
export const sparseMax = 512;

/**
 * A row is the set of its fine registers while there are few, then an array of coarse ones. Which of the two depends on
 * the set of values alone, since the fine registers of a set are never fewer than those of a part of it.
 */
class DistinctColumn implements Column {
  private readonly few: SparseCells;
  private readonly many = new Map<number, Uint8Array>();
  private readonly estimates = new Map<number, number>();

  constructor() {
    const spill = (row: number, cells: CellRange): boolean => this.spill(row, cells);
    this.few = new SparseCells({ freeBits: fineRankBits, spill });
  }

  grow(capacity: number): void {
    this.few.grow(capacity);
  }

  add(row: number, value: Scalar): void {
    const word = fineWord(value);
    const dense = this.many.size === 0 ? undefined : this.many.get(row);
    if (dense === undefined) this.few.add(row, word, 1);
    else {
      raise(dense, word);
      this.estimates.delete(row);
    }
  }

  merge(row: number, from: DistinctColumn, fromRow: number): void {
    const cells = from.few.row(fromRow);
    const theirs = from.many.get(fromRow);
    const ours = theirs === undefined ? this.many.get(row) : this.promote(row);
    if (ours === undefined) {
      this.few.merge(row, from.few, fromRow);
      return;
    }
    this.estimates.delete(row);
    if (theirs === undefined) raiseAll(ours, cells);
    else {
      for (let i = 0; i < registers; i += 1) {
        if ((theirs[i] as number) > (ours[i] as number)) ours[i] = theirs[i] as number;
      }
    }
  }

  /** The coarse registers of a row, which has them from now on; its fine ones are void and vanish when they can. */
  private promote(row: number): Uint8Array {
    const cells = this.few.row(row);
    const held = this.many.get(row);
    if (held !== undefined) return held;
    const ours = new Uint8Array(registers);
    raiseAll(ours, cells);
    this.many.set(row, ours);
    return ours;
  }

  /** Called for each row that is sorted in: one of too many fine registers becomes one of coarse ones. */
  private spill(row: number, cells: CellRange): boolean {
    const held = this.many.get(row);
    if (held === undefined && cells.to - cells.from <= sparseMax) return false;
    const ours = held ?? new Uint8Array(registers);
    raiseAll(ours, cells);
    this.many.set(row, ours);
    this.estimates.delete(row);
    return true;
  }

  /** How many fine registers each row has, or one more than it may have; then those, then all coarse ones. */
  encode(out: Writer, rows: Uint32Array): void {
    this.few.settle();
    for (const row of rows) {
      const { from, to } = this.few.row(row);
      out.unsigned(this.many.has(row) ? sparseMax + 1 : to - from);
    }
    for (const row of rows) {
      if (this.many.has(row)) continue;
      const { keys, from, to } = this.few.row(row);
      let before = 0;
      for (let i = from; i < to; i += 1) {
        out.unsigned((keys[i] as number) - before);
        before = keys[i] as number;
      }
    }
    for (const row of rows) {
      const dense = this.many.get(row);
      if (dense !== undefined) out.raw(dense);
    }
  }

  static decode(from: Reader, rows: number): DistinctColumn {
    const column = new DistinctColumn();
    const sizes = Array.from({ length: rows }, () => from.unsigned(sparseMax + 1));
    const announced = sizes.reduce((sum, size) => sum + (size > sparseMax ? registers : size), 0);
    if (announced > from.left) throw from.damaged('registers that are not there');
    column.grow(rows);
    for (const [row, size] of sizes.entries()) {
      if (size <= sparseMax) column.decodeFew(from, row, size);
    }
    for (const [row, size] of sizes.entries()) {
      if (size <= sparseMax) continue;
      const dense = from.raw(registers).slice();
      if (dense.some((rank) => rank > rankMax)) throw from.damaged('a register out of range');
      column.many.set(row, dense);
    }
    return column;
  }

  private decodeFew(from: Reader, row: number, size: number): void {
    let word = 0;
    for (let i = 0; i < size; i += 1) {
      const next = word + from.unsigned(0xffff_ffff - word);
      const isNew = i === 0 || next >>> fineRankBits > word >>> fineRankBits;
      if (!isNew || !isFineWord(next)) throw from.damaged('a register out of place');
      this.few.add(row, next, 1);
      word = next;
    }
  }

  result(row: number): number {
    const { from, to } = this.few.row(row);
    const dense = this.many.get(row);
    // Of 2^26 registers, 512 values share one in one of 500 rows: their number is the estimate.
    if (dense === undefined) return to - from;
    let value = this.estimates.get(row);
    if (value === undefined) {
      value = Math.round(estimate(dense));
      this.estimates.set(row, value);
    }
    return value;
  }

  json(row: number): string {
    return String(this.result(row));
  }

  compare(a: number, b: number): number {
    return this.result(a) - this.result(b);
  }

  heldBytes(): number {
    return this.few.bytes() + this.many.size * registers;
  }
}

function raiseAll(into: Uint8Array, { keys, from, to }: CellRange): void {
  for (let i = from; i < to; i += 1) raise(into, keys[i] as number);
}

/**
 * About how many distinct values a field has: the number itself up to 512, save for collisions of hashes, and beyond
 * that a standard error of 1.6 %.
 *
 * HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) of 4,096 registers and 64 bits of XXH64, with the sparse form of
 * 2^26 registers after Heule, Nunkesser, Hall: "HyperLogLog in Practice" (2013), and Ertl's estimator.
 */
export const distinct: Measure = {
  ...{ takes: 'any', eventBytesMax: 20 },
  create: () => new DistinctColumn(),
  decode: (from, rows) => DistinctColumn.decode(from, rows),
};
