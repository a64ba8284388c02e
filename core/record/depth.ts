/** How deep JSON nests: bounds that are cheap to find on the text, before it is parsed. */
import { stringEnd } from './spans.ts';

/** False when the text has too few brackets to nest deeper than `depthMax`. */
export function mayNestDeeperThan(text: string, depthMax: number): boolean {
  if (text.length <= 2 * depthMax) return false;
  let count = 0;
  for (let i = text.indexOf('{'); i !== -1; i = text.indexOf('{', i + 1)) {
    if (++count > depthMax) return true;
  }
  for (let i = text.indexOf('['); i !== -1; i = text.indexOf('[', i + 1)) {
    if (++count > depthMax) return true;
  }
  return false;
}

/** True when arrays and objects nest deeper than `depthMax` somewhere before the text stops being JSON. */
export function nestsDeeperThan(text: string, depthMax: number): boolean {
  if (!mayNestDeeperThan(text, depthMax)) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      i = stringEnd(text, i);
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > depthMax) return true;
    } else if (code === 0x7d || code === 0x5d) {
      depth--;
    }
  }
  return false;
}
