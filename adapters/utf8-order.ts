/**
 * Compares well-formed texts by their UTF-8 bytes, for `sort`: negative, 0 or positive.
 *
 * JavaScript compares UTF-16 units, which differs in one case: a surrogate (U+D800..DFFF, half of a
 * code point from U+10000 on) must stand behind U+E000..FFFF. UTF-8 order is code point order (RFC
 * 3629, section 1).
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
