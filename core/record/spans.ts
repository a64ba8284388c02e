/** Where the lines and elements of a text stand: pairs of start and end. */

/** The index of the first character at or after `from` that is not JSON whitespace, at most `to`. */
export function firstInk(text: string, from: number, to: number): number {
  let i = from;
  while (i < to && isBlank(text.charCodeAt(i))) i++;
  return i;
}

/** The spans of the lines that are not blank, without their line ends. */
export function lineSpans(text: string): number[] {
  const spans: number[] = [];
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf('\n', from);
    const end = newline === -1 ? text.length : newline;
    const to = end > from && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
    if (firstInk(text, from, to) < to) spans.push(from, to);
    from = end + 1;
  }
  return spans;
}

/** The spans of the elements of a text that is known to be a JSON array. */
export function elementSpans(text: string): number[] {
  const spans: number[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      i = stringEnd(text, i);
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth === 1) from = firstInk(text, i + 1, text.length);
    } else if ((code === 0x2c && depth === 1) || (code === 0x5d && depth === 1)) {
      if (i > from) spans.push(from, lastInk(text, from, i));
      from = firstInk(text, i + 1, text.length);
      if (code === 0x5d) break;
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return spans;
}

function lastInk(text: string, from: number, to: number): number {
  let i = to;
  while (i > from && isBlank(text.charCodeAt(i - 1))) i--;
  return i;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The index of the quote that ends the string which starts at `from`, or the text's length. */
export function stringEnd(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i;
    if (code === 0x5c) i++;
  }
  return text.length;
}
