/** Finds where a text stops being JSON: V8's own message shows pieces of the payload, and not always the position. */

const object = 1;
const array = 2;
type Expect = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'end';

/** What is wrong with the syntax of a text, in one short sentence, or null when it is JSON of whatever depth. */
export function syntaxFault(text: string): string | null {
  const at = firstFault(text);
  if (at === -1) return null;
  if (at >= text.length) return `not JSON: the text ends too early, at position ${text.length}`;
  const found = String.fromCodePoint(text.codePointAt(at) as number);
  return `not JSON: unexpected ${JSON.stringify(found)} at position ${at}`;
}

/** The index of the first character that can't stand where it stands, the length if more had to come, or -1. */
function firstFault(text: string): number {
  let stack = new Uint8Array(64);
  let depth = 0;
  let expect: Expect = 'value';
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i);
    if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      i++;
      continue;
    }
    let next: number = i + 1;
    if (expect === ':') {
      if (code !== 0x3a) return i;
      expect = 'value';
    } else if (expect === 'key' || (expect === 'key or }' && code !== 0x7d)) {
      if (code !== 0x22) return i;
      next = afterString(text, i);
      expect = ':';
    } else if (expect === 'value' || (expect === 'value or ]' && code !== 0x5d)) {
      if (code === 0x7b || code === 0x5b) {
        if (depth === stack.length) stack = doubled(stack);
        stack[depth++] = code === 0x7b ? object : array;
        expect = code === 0x7b ? 'key or }' : 'value or ]';
      } else {
        next = afterScalar(text, i, code);
        expect = depth === 0 ? 'end' : ', or end';
      }
    } else if (expect === 'end') {
      return i;
    } else if (code === 0x2c && expect === ', or end') {
      expect = stack[depth - 1] === object ? 'key' : 'value';
    } else if (code === (stack[depth - 1] === object ? 0x7d : 0x5d)) {
      expect = --depth === 0 ? 'end' : ', or end';
    } else {
      return i;
    }
    if (next < 0) return ~next;
    i = next;
  }
  return expect === 'end' ? -1 : text.length;
}

// The three below give the index after the token or, negated with ~, the index of its first fault.

function afterScalar(text: string, from: number, code: number): number {
  if (code === 0x22) return afterString(text, from);
  const word = code === 0x74 ? 'true' : code === 0x66 ? 'false' : code === 0x6e ? 'null' : '';
  if (word === '') return afterNumber(text, from);
  let i = 0;
  while (i < word.length && text.charCodeAt(from + i) === word.charCodeAt(i)) i++;
  return i === word.length ? from + i : ~(from + i);
}

function afterString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code < 0x20) return ~i;
    if (code !== 0x5c) continue;
    i++;
    if (text[i] === 'u') {
      for (const end = i + 4; i < end; ) if (!isHex(text.charCodeAt(++i))) return ~i;
    } else if (i >= text.length || !'"\\/bfnrt'.includes(text[i] as string)) {
      return ~i;
    }
  }
  return ~text.length;
}

function afterNumber(text: string, from: number): number {
  let i = text[from] === '-' ? from + 1 : from;
  const whole = afterDigits(text, i);
  if (whole === i) return ~i;
  i = text[i] === '0' ? i + 1 : whole;
  if (text[i] === '.') {
    const fraction = afterDigits(text, i + 1);
    if (fraction === i + 1) return ~fraction;
    i = fraction;
  }
  if (text[i] === 'e' || text[i] === 'E') {
    const digits = text[i + 1] === '+' || text[i + 1] === '-' ? i + 2 : i + 1;
    i = afterDigits(text, digits);
    if (i === digits) return ~i;
  }
  return i;
}

function afterDigits(text: string, from: number): number {
  let i = from;
  while (i < text.length && isDigit(text.charCodeAt(i))) i++;
  return i;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function doubled(stack: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * stack.length);
  larger.set(stack);
  return larger;
}
