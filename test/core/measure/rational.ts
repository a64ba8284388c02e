/** Exact decimal and rational arithmetic on bigints, written apart from the core to check it. */

/** A number's shortest decimal text as digits x 10^exponent. */
export function decimalOf(value: number): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

/** The value in units of 10^-scale, rounded half away from zero. */
export function unitsOf(value: number, scale: number): bigint {
  const { digits, exponent } = decimalOf(value);
  const shift = exponent + scale;
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const power = 10n ** BigInt(-shift);
  const rest = digits % power;
  const twice = 2n * (rest < 0n ? -rest : rest);
  const away = twice >= power ? (digits < 0n ? -1n : 1n) : 0n;
  return digits / power + away;
}

/** Units of 10^-scale as a decimal text without needless zeros. */
export function decimalText(units: bigint, scale: number): string {
  const power = 10n ** BigInt(scale);
  const magnitude = units < 0n ? -units : units;
  const fraction = String(magnitude % power).padStart(scale, '0');
  const text = scale === 0 ? `${magnitude}` : `${magnitude / power}.${fraction}`;
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return units < 0n ? `-${short}` : short;
}

/** A finite double as the fraction top / bottom, by its bits. */
export function fractionOf(value: number): { readonly top: bigint; readonly bottom: bigint } {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0]!;
  const sign = bits >> 63n === 0n ? 1n : -1n;
  const field = Number((bits >> 52n) & 0x7ffn);
  const low = bits & 0xf_ffff_ffff_ffffn;
  const significand = field === 0 ? low : low | (1n << 52n);
  const power = Math.max(field, 1) - 1075;
  return power >= 0
    ? { top: sign * (significand << BigInt(power)), bottom: 1n }
    : { top: sign * significand, bottom: 1n << BigInt(-power) };
}

/** The next double up or down. */
export function neighbour(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * Number.MIN_VALUE;
  const word = new BigInt64Array(new Float64Array([value]).buffer);
  word[0] = word[0]! + BigInt(value > 0 ? direction : -direction);
  return new Float64Array(word.buffer)[0]!;
}

/** Whether no double is nearer to top / bottom than `value`, and of two equally near ones it is the even one. */
export function isNearest(value: number, top: bigint, bottom: bigint): boolean {
  const distance = (of: number) => {
    const { top: t, bottom: b } = fractionOf(of);
    const difference = t * bottom - top * b;
    return { over: difference < 0n ? -difference : difference, under: b * bottom };
  };
  const here = distance(value);
  for (const direction of [1, -1] as const) {
    const there = distance(neighbour(value, direction));
    const [left, right] = [here.over * there.under, there.over * here.under];
    if (left > right) return false;
    const odd = new BigUint64Array(new Float64Array([value]).buffer)[0]! & 1n;
    if (left === right && odd === 1n) return false;
  }
  return true;
}
