import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';
import type { Column, Measure } from './measure.ts';

/** How a cell is written: nothing, a safe integer, a double, a text, or a decimal of up to four digits behind the point. */
const nothing = 0;
const integer = 1;
const double = 2;
const text = 3;
/** `decimal` + d: an integer of 10^-d units. */
const decimal = 3;
const decimalDigitsMax = 4;
const powers = [1, 10, 100, 1_000, 10_000];

/** All numbers stand before all texts; texts stand by UTF-16 units. */
function order(a: number | string, b: number | string): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

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
    if (old === null || order(value as number | string, old) * this.sign > 0) {
      this.set(row, value as number | string);
    }
  }

  merge(row: number, from: ExtremeColumn, fromRow: number): void {
    const value = from.get(fromRow);
    if (value !== null) this.add(row, value);
  }

  encode(out: Writer, rows: Uint32Array): void {
    let digits = 1;
    for (const row of rows) {
      const value = this.get(row);
      if (value === null) out.byte(nothing);
      else if (typeof value === 'string') {
        out.byte(text);
        out.text(value);
      } else if (Number.isSafeInteger(value)) {
        out.byte(integer);
        out.signed(value);
      } else digits = encodeFraction(out, value, digits);
    }
  }

  static decode(from: Reader, rows: number, sign: 1 | -1): ExtremeColumn {
    const column = new ExtremeColumn(sign);
    column.grow(rows);
    for (let row = 0; row < rows; row += 1) {
      const tag = from.byte();
      if (tag === integer) column.set(row, from.integer());
      else if (tag === double) column.set(row, finite(from));
      else if (tag === text) column.set(row, from.text());
      else if (tag > decimal && tag <= decimal + decimalDigitsMax) {
        column.set(row, from.integer() / (powers[tag - decimal] as number));
      } else if (tag !== nothing) throw from.damaged('an unknown kind of value');
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
    return order(left, right);
  }
}

/**
 * Most fractions are short decimals, such as prices: two or three bytes instead of eight. The digits of the value
 * before are tried first; those of this one are returned.
 */
function encodeFraction(out: Writer, value: number, before: number): number {
  for (let tries = 0; tries <= decimalDigitsMax; tries += 1) {
    const digits = tries === 0 ? before : tries;
    const power = powers[digits] as number;
    const units = Math.round(value * power);
    if (Math.abs(units) < 1e15 && units / power === value) {
      out.byte(decimal + digits);
      out.signed(units);
      return digits;
    }
  }
  out.byte(double);
  out.double(value);
  return before;
}

function finite(from: Reader): number {
  const value = from.double();
  if (!Number.isFinite(value)) throw from.damaged('a number that is not finite');
  return value;
}

/** The smallest value of a field, numbers before texts; null for nothing. */
export const min: Measure = {
  takes: 'scalar',
  create: () => new ExtremeColumn(-1),
  decode: (from, rows) => ExtremeColumn.decode(from, rows, -1),
};

/** The largest value of a field, numbers before texts; null for nothing. */
export const max: Measure = {
  takes: 'scalar',
  create: () => new ExtremeColumn(1),
  decode: (from, rows) => ExtremeColumn.decode(from, rows, 1),
};
