import type { Random } from '../simulation/random.ts';

const classes: Readonly<Record<string, string>> = {
  d: '0123456789',
  w: 'abcXYZ019_',
  s: ' ',
  D: 'ab-',
  W: ' -',
  S: 'ab0',
};
const any = 'abcxyzABC0123456789 _-.';
const moreMax = 3;

/**
 * A text that a regular expression matches: literals, classes, groups, alternatives and quantifiers. What it does not
 * know (look-around, back references) it takes as text, so whoever calls checks the result.
 */
export function textLike(random: Random, pattern: string): string {
  return new Source(random, pattern).alternatives();
}

/** A pattern as it is read; each call writes a text of what it reads. */
class Source {
  private readonly random: Random;
  private readonly pattern: string;
  private at = 0;

  constructor(random: Random, pattern: string) {
    this.random = random;
    this.pattern = pattern;
  }

  /** Up to the end or the bracket of the group. */
  alternatives(): string {
    const texts = [this.sequence()];
    while (this.pattern[this.at] === '|') {
      this.at += 1;
      texts.push(this.sequence());
    }
    return this.random.pick(texts);
  }

  private sequence(): string {
    let text = '';
    while (this.at < this.pattern.length && !'|)'.includes(this.pattern[this.at] as string)) {
      text += this.repeated();
    }
    return text;
  }

  /** An atom and its quantifier: read again for each time, so that every time differs. */
  private repeated(): string {
    const start = this.at;
    const first = this.atom();
    const [least, most] = this.quantifier();
    const end = this.at;
    let text = '';
    for (let times = this.random.int(least, most); times > 0; times -= 1) {
      this.at = start;
      text += this.atom();
    }
    this.at = end;
    return least === 1 && most === 1 ? first : text;
  }

  private quantifier(): [least: number, most: number] {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.pattern.slice(this.at));
    if (found === null) return [1, 1];
    this.at += found[0].length;
    const [text, from, comma, to] = found;
    if (from !== undefined) {
      const least = Number(from);
      return [least, to ? Number(to) : comma ? least + moreMax : least];
    }
    if (text[0] === '?') return [0, 1];
    return text[0] === '*' ? [0, moreMax] : [1, 1 + moreMax];
  }

  private atom(): string {
    const sign = this.pattern[this.at] as string;
    this.at += 1;
    if (sign === '^' || sign === '$') return '';
    if (sign === '.') return this.oneOf(any);
    if (sign === '[') return this.oneOf(this.characters());
    if (sign === '\\') return this.escaped();
    if (sign !== '(') return sign;
    if (this.pattern.startsWith('?:', this.at)) this.at += 2;
    const text = this.alternatives();
    this.at += 1;
    return text;
  }

  private escaped(): string {
    const sign = this.pattern[this.at] as string;
    this.at += 1;
    const known = classes[sign];
    return known === undefined ? (sign ?? '') : this.oneOf(known);
  }

  /** The characters of a class, behind its opening bracket. */
  private characters(): string {
    const end = this.pattern.indexOf(']', this.at + 1);
    const body = this.pattern.slice(this.at, end < 0 ? this.pattern.length : end);
    this.at = end < 0 ? this.pattern.length : end + 1;
    const inside = new Set<string>();
    for (const [, special, from, to] of body
      .replace(/^\^/, '')
      .matchAll(/\\(.)|([^\\])(?:-([^\\]))?/g)) {
      if (special !== undefined) for (const one of classes[special] ?? special) inside.add(one);
      const [first, last] = [from?.codePointAt(0) ?? 1, (to ?? from)?.codePointAt(0) ?? 0];
      for (let code = first; code <= last; code += 1) inside.add(String.fromCodePoint(code));
    }
    if (!body.startsWith('^')) return [...inside].join('');
    return [...any].filter((one) => !inside.has(one)).join('');
  }

  private oneOf(characters: string): string {
    return characters === '' ? '' : this.random.pick([...characters]);
  }
}
