/** How deep a JSON text nests, without parsing it. */

const quote = 0x22;
const backslash = 0x5c;

/**
 * True when arrays and objects nest deeper than `depthMax` somewhere before the text stops being JSON. A text too
 * short or with too few brackets for that is not scanned.
 */
export function nestsDeeperThan(text: string, depthMax: number): boolean {
  if (text.length <= 2 * depthMax || !opensMoreThan(text, depthMax)) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      i = stringEnd(text, i);
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > depthMax) return true;
    } else if (code === 0x7d || code === 0x5d) {
      depth--;
    }
  }
  return false;
}

/** The index of the quote that ends the string which starts at `from`, or the text's length. */
export function stringEnd(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) return i;
    if (code === backslash) i++;
  }
  return text.length;
}

function opensMoreThan(text: string, max: number): boolean {
  let count = 0;
  for (let i = text.indexOf('{'); i !== -1; i = text.indexOf('{', i + 1)) {
    if (++count > max) return true;
  }
  for (let i = text.indexOf('['); i !== -1; i = text.indexOf('[', i + 1)) {
    if (++count > max) return true;
  }
  return false;
}
