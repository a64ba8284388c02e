/** An exact integer: a number while it is safe, else a bigint. Equal values have equal forms. */
export type Exact = number | bigint;

const powers = Array.from({ length: 13 }, (_, scale) => 10 ** scale);

/** The sum of two exact integers. */
export function addExact(a: Exact, b: Exact): Exact {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normal(BigInt(a) + BigInt(b));
}

function normal(value: bigint): Exact {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/**
 * A number as an integer of 10^-scale units: its shortest decimal text, rounded half away from zero.
 * `scale` is 0 to 12.
 */
export function toUnits(value: number, scale: number): Exact {
  if (scale === 0 && Number.isSafeInteger(value)) return value + 0;
  const power = powers[scale] as number;
  const near = Math.round(value * power);
  // A decimal of at most 15 digits is the shortest text of the number it parses to.
  if (Math.abs(near) < 1e15 && near / power === value) return near + 0;
  return unitsOfText(String(value), scale);
}

function unitsOfText(text: string, scale: number): Exact {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (match === null) return 0;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = scale + Number(exponent) - fraction.length;
  const digits = whole + fraction;
  let units: bigint;
  if (shift >= 0) units = BigInt(digits) * 10n ** BigInt(shift);
  else if (digits.length + shift < 0) units = 0n;
  else {
    const power = 10n ** BigInt(-shift);
    units = (BigInt(digits) + power / 2n) / power;
  }
  return normal(sign === '-' ? -units : units);
}

/** Units of 10^-scale as decimal text, without trailing zeros: 1250 of scale 2 is `12.5`. */
export function unitsToText(units: Exact, scale: number): string {
  if (scale === 0) return String(units);
  const negative = units < 0;
  const digits = String(negative ? -units : units).padStart(scale + 1, '0');
  const whole = digits.slice(0, -scale);
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return (negative ? '-' : '') + (fraction === '' ? whole : `${whole}.${fraction}`);
}

/** The exact square. */
export function squareOf(units: Exact): Exact {
  if (typeof units === 'number' && Math.abs(units) < 94_906_265) return units * units;
  return normal(BigInt(units) ** 2n);
}

/** `units` / (`count` x 10^`scale`), correctly rounded to the nearest number, ties to even. `count` > 0. */
export function quotient(units: Exact, count: number, scale: number): number {
  const over = count * 10 ** scale;
  if (typeof units === 'number' && Number.isSafeInteger(over)) return units / over + 0;
  return ratioOf(BigInt(units), BigInt(count) * 10n ** BigInt(scale));
}

/** The correctly rounded quotient, `denominator` > 0: 66 or more bits of it, the lowest one kept odd when anything is left over. */
export function ratioOf(numerator: bigint, denominator: bigint): number {
  const negative = numerator < 0n;
  const top = negative ? -numerator : numerator;
  const bits = top.toString(2).length - denominator.toString(2).length;
  const shift = Math.max(0, 66 - bits);
  const shifted = top << BigInt(shift);
  const whole = shifted / denominator;
  const sticky = whole * denominator === shifted ? whole : whole | 1n;
  // Number(bigint) rounds to nearest, ties to even; the power of two is then exact: no measure reaches subnormals.
  const value = Number(sticky) * 2 ** -shift;
  return negative ? -value : value + 0;
}

/** Negative, 0 or positive as `a` is less than, equal to or greater than `b`. */
export function compareExact(a: Exact, b: Exact): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
