import { fromBase64Url, toBase64Url } from '../base64.ts';
import { MillraceError } from '../errors.ts';
import { hash64 } from '../hash.ts';
import type { ViewPlan } from '../plan.ts';
import type { Reached } from './answer.ts';
import type { Asked } from './selection.ts';

/** The state that an answer was computed from, and what was asked. Two of them tell what has changed between. */
export interface Mark extends Reached {
  /** The event time by which retention was judged. */
  readonly level: number;
  /** What was asked, of which definition and generation: a hash. */
  readonly of: string;
  /** The last entry of each partition. */
  readonly indexes: ReadonlyMap<string, number>;
}

/** What a token says: a mark, and what whoever brings it holds. */
export interface Token extends Mark {
  /** When it was given, epoch milliseconds. */
  readonly at: number;
  /** A hash of the rows of an answer that comes whole or not at all; null for one that held every row. */
  readonly held: string | null;
}

/** A name for what was asked of a view, the page of it aside: a hash. */
export function nameOfAsked(view: ViewPlan, generation: number, asked: Asked): string {
  const { name, key, window, lateness, retain, measures, derived } = view;
  const { cursor: _, grain, ...rest } = asked;
  const windows = [grain.stored.window.grain, grain.stored.retain, grain.windows];
  const results = measures.map((one) => [one.name, one.kind, one.field, one.where, one.options]);
  const shape = [name, key, window.json, lateness, retain, results, derived];
  return hashOf(JSON.stringify([generation, shape, windows, rest]));
}

/** A hash of a text, as text. */
export function hashOf(text: string): string {
  return hash64(text).toString(36);
}

/** A token as text for URLs and headers. */
export function encodeToken(token: Token): string {
  const { at, of, held, finalTo, watermark, level, indexes } = token;
  return toBase64Url(JSON.stringify([at, of, held, finalTo, watermark, level, [...indexes]]));
}

/**
 * Reads a token.
 *
 * @throws MillraceError `request` for a text that is none.
 */
export function decodeToken(text: string): Token {
  try {
    const [at, of, held, finalTo, watermark, level, indexes] = JSON.parse(fromBase64Url(text));
    const numbers = [at, finalTo, watermark, level, ...indexes.map((one: unknown[]) => one[1])];
    const texts = [of, held ?? '', ...indexes.map((one: unknown[]) => one[0])];
    if (numbers.every(Number.isSafeInteger) && texts.every((one) => typeof one === 'string')) {
      return { at, of, held, finalTo, watermark, level, indexes: new Map(indexes) };
    }
  } catch {
    // Told below.
  }
  const problem = 'since: is not the token of an answer';
  throw new MillraceError('request', problem, { problems: [problem] });
}

/** Whether a state is the same as another. */
export function isSame(a: Mark, b: Mark): boolean {
  const { finalTo, watermark, level, indexes } = b;
  if (a.finalTo !== finalTo || a.watermark !== watermark || a.level !== level) return false;
  return a.indexes.size === indexes.size && !isBehind(a, b) && !isBehind(b, a);
}

/** Whether a state lacks entries that another one has. */
export function isBehind(state: Mark, other: Mark): boolean {
  return [...other.indexes].some(([name, index]) => (state.indexes.get(name) ?? -2) < index);
}
