import { fromBase64Url, toBase64Url } from '../base64.ts';
import { MillraceError } from '../errors.ts';
import { type KeyPart, timeMax, timeMin } from '../event.ts';
import type { Column } from '../measure/measure.ts';
import { pathsOf, type ViewPlan } from '../plan.ts';
import { compareScalars } from '../scalars.ts';
import type { Rows } from '../view/rows.ts';
import { derive, valueAt } from './derive.ts';

/** What a caller asks of a view. Times are epoch milliseconds. */
export interface Selection {
  /** Windows whose start is in [from, to). */
  readonly from: number;
  readonly to: number;
  /** Key parts that must equal these values, as text. */
  readonly key: Readonly<Record<string, string>>;
  /** Key parts whose text must begin so. */
  readonly prefix: Readonly<Record<string, string>>;
  /** A measure or derived value, `-` in front for the largest first; null for start and key. */
  readonly orderBy: string | null;
  /** Only the first so many rows of each window, and the windows by start; null for all rows in one order. */
  readonly top: number | null;
  readonly limit: number;
  /** `next` of the answer before. */
  readonly cursor: string | null;
}

/** Every row of a view, by start and key. */
export const allRows: Selection = {
  ...{ from: timeMin, to: timeMax, key: {}, prefix: {}, orderBy: null, top: null },
  ...{ limit: Number.POSITIVE_INFINITY, cursor: null },
};

type Compare = (a: number, b: number) => number;

/** Row numbers of an answer, in order, and the cursor of the next ones (null at the end). */
export interface Selected {
  readonly rows: readonly number[];
  readonly next: string | null;
}

/** Picks and orders rows of a merged table; those that the watermark has left behind for `retain` are not shown. */
export function select(rows: Rows, selection: Selection, watermark: number): Selected {
  const { from, to, limit, cursor, top } = selection;
  const matches = keyFilter(rows, selection);
  const kept = rows.view.retain;
  const found: number[] = [];
  for (let row = 0; row < rows.size; row += 1) {
    const start = rows.starts[row] as number;
    if (start < from || start >= to || !matches(row)) continue;
    if (kept !== null && rows.end(row) + kept <= watermark) continue;
    found.push(row);
  }
  const order = comparison(rows, selection.orderBy);
  const compare: Compare = top === null ? order : (a, b) => byStart(rows, a, b) || order(a, b);
  const chosen = top === null ? found : topOfEach(rows, found, top, order);
  const after = cursor === null ? -1 : rowOfCursor(rows, cursor);
  const rest = after < 0 ? chosen : chosen.filter((row) => compare(row, after) > 0);
  const first = smallest(rest, limit, compare);
  const last = first.at(-1);
  const more = rest.length > first.length && last !== undefined;
  return { rows: first, next: more ? cursorOf(rows, last) : null };
}

/** The first rows of each window. */
function topOfEach(rows: Rows, found: readonly number[], top: number, order: Compare): number[] {
  const windows = Map.groupBy(found, (row) => rows.starts[row] as number);
  return [...windows.values()].flatMap((window) => smallest(window, top, order));
}

/** Whether a row's key is one that was asked for. */
export function keyFilter(
  rows: Rows,
  { key, prefix }: Pick<Selection, 'key' | 'prefix'>,
): (row: number) => boolean {
  const valuesOf = (part: string): KeyPart[] => {
    const index = rows.view.key.indexOf(part);
    if (index < 0) throw refusal(noSuch('key part', part, rows.view.key));
    return rows.keys[index] as KeyPart[];
  };
  const equals = Object.entries(key).map(([part, text]) => ({ values: valuesOf(part), text }));
  const begins = Object.entries(prefix).map(([part, text]) => ({ values: valuesOf(part), text }));
  if (equals.length === 0 && begins.length === 0) return () => true;
  // The key of an overflow row is none.
  const textOf = (value: KeyPart | undefined): string | null =>
    value === null ? null : String(value);
  return (row) =>
    equals.every(({ values, text }) => textOf(values[row]) === text) &&
    begins.every(({ values, text }) => textOf(values[row])?.startsWith(text));
}

/** That something is not there, and what is. */
export function noSuch(what: string, name: string, there: readonly string[]): string {
  if (there.length === 0) return `there is no ${what} '${name}': there is none at all`;
  return `there is no ${what} '${name}'; there ${there.length === 1 ? 'is' : 'are'} ${there.join(', ')}`;
}

function refusal(text: string): MillraceError {
  return new MillraceError('request', text, { problems: [text] });
}

function byStart(rows: Rows, a: number, b: number): number {
  return (rows.starts[a] as number) - (rows.starts[b] as number);
}

/** By window start, then key: the order of an answer that asks for none, and of rows that are equal in one. */
function canonical(rows: Rows): Compare {
  return (a, b) => {
    const starts = byStart(rows, a, b);
    if (starts !== 0) return starts;
    for (const part of rows.keys) {
      const order = compareScalars(part[a] as KeyPart, part[b] as KeyPart);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function comparison(rows: Rows, orderBy: string | null): Compare {
  const ties = canonical(rows);
  if (orderBy === null) return ties;
  const descending = orderBy.startsWith('-');
  const name = descending ? orderBy.slice(1) : orderBy;
  const by = measureOrder(rows, name);
  return descending ? (a, b) => by(b, a) || ties(a, b) : (a, b) => by(a, b) || ties(a, b);
}

function measureOrder(rows: Rows, name: string): Compare {
  const { measures, derived } = rows.view;
  const paths = ordersOf(rows.view);
  if (!paths.includes(name)) throw refusal(noSuch('measure', name, paths));
  const index = measures.findIndex((measure) => measure.name === name);
  if (index >= 0) {
    const column = rows.columns[index] as Column;
    return (a, b) => column.compare(a, b);
  }
  const plan = derived.find((one) => one.name === name);
  const values = new Map<number, number>();
  const value = (row: number): number => {
    let held = values.get(row);
    if (held === undefined) {
      const found = plan === undefined ? valueAt(rows, name, row) : derive(rows, plan, row);
      held = (found as number | null) ?? Number.NEGATIVE_INFINITY;
      values.set(row, held);
    }
    return held;
  };
  return (a, b) => {
    const left = value(a);
    const right = value(b);
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

/** What the rows of a view can be ordered by. */
export function ordersOf({ measures, derived }: ViewPlan): string[] {
  return [...measures.flatMap(pathsOf), ...derived.map(({ name }) => name)];
}

/** The `limit` smallest, in order. Keeps a sorted buffer of twice the limit, so that a top 20 of many rows is one pass. */
function smallest(rows: readonly number[], limit: number, compare: Compare): number[] {
  if (rows.length <= limit * 4) return [...rows].sort(compare).slice(0, limit);
  let best: number[] = [];
  let worst = -1;
  for (const row of rows) {
    if (worst >= 0 && compare(row, worst) >= 0) continue;
    best.push(row);
    if (best.length < limit * 2) continue;
    best = best.sort(compare).slice(0, limit);
    worst = best[limit - 1] as number;
  }
  return best.sort(compare).slice(0, limit);
}

function cursorOf(rows: Rows, row: number): string {
  return toBase64Url(JSON.stringify([rows.starts[row], rows.key(row)]));
}

/** The row a cursor names; the answer goes on behind the place where it stands now. */
function rowOfCursor(rows: Rows, cursor: string): number {
  try {
    const [start, key] = JSON.parse(fromBase64Url(cursor));
    const row = rows.find(start, key);
    if (row >= 0) return row;
  } catch {
    // Told below, as is a row that is not there.
  }
  throw refusal('the cursor belongs to another query, or its row has expired: start again without');
}
