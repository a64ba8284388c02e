import type { Reader, Writer } from './bytes.ts';
import type { KeyPart, Scalar } from './event.ts';

/** How a value is written: nothing, a safe integer, a double, a text, or a decimal of up to four digits behind the point. */
const nothing = 0;
const integer = 1;
const double = 2;
const text = 3;
/** `decimal` + d: an integer of 10^-d units. */
const decimal = 3;
const decimalDigitsMax = 4;
const no = 8;
const yes = 9;
const powers = [1, 10, 100, 1_000, 10_000];

/** Booleans, then numbers, then texts by UTF-16 units, and null last: negative, 0 or positive. */
export function compareScalars(a: KeyPart, b: KeyPart): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a < typeof b ? -1 : 1;
}

/** Writes scalars, or null for nothing, one after the other. */
export class ScalarWriter {
  private readonly out: Writer;
  /** Digits behind the point of the fraction before: most likely those of the next one too. */
  private digits = 1;

  constructor(out: Writer) {
    this.out = out;
  }

  write(value: Scalar | null): void {
    const { out } = this;
    if (value === null) out.byte(nothing);
    else if (typeof value === 'boolean') out.byte(value ? yes : no);
    else if (typeof value === 'string') {
      out.byte(text);
      out.text(value);
    } else if (Number.isSafeInteger(value)) {
      out.byte(integer);
      out.signed(value);
    } else this.fraction(value);
  }

  /** Most fractions are short decimals, such as prices: two or three bytes instead of eight. */
  private fraction(value: number): void {
    const { out } = this;
    for (let tries = 0; tries <= decimalDigitsMax; tries += 1) {
      const digits = tries === 0 ? this.digits : tries;
      const power = powers[digits] as number;
      const units = Math.round(value * power);
      if (Math.abs(units) < 1e15 && units / power === value) {
        out.byte(decimal + digits);
        out.signed(units);
        this.digits = digits;
        return;
      }
    }
    out.byte(double);
    out.double(value);
  }
}

/**
 * Reads one value that {@link ScalarWriter} wrote.
 *
 * @throws MillraceError `damaged` for what it can't have written.
 */
export function readScalar(from: Reader): Scalar | null {
  const tag = from.byte();
  if (tag === nothing) return null;
  if (tag === integer) return from.integer();
  if (tag === double) return finite(from);
  if (tag === text) return from.text();
  if (tag === no || tag === yes) return tag === yes;
  if (tag > decimal && tag <= decimal + decimalDigitsMax) {
    return from.integer() / (powers[tag - decimal] as number);
  }
  throw from.damaged('an unknown kind of value');
}

function finite(from: Reader): number {
  const value = from.double();
  if (!Number.isFinite(value)) throw from.damaged('a number that is not finite');
  return value;
}
