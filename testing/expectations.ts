import type { Served } from '../core/engine.ts';
import type { DeadReason } from '../core/event.ts';
import type { Counts } from '../core/journal/counts.ts';
import { type AnyRow, rowValue } from '../core/query/answer.ts';
import { keptEvents } from '../core/query/kept.ts';
import type { AnyQuery } from '../core/query/query.ts';
import { parseRfc3339 } from '../core/schema/rfc3339.ts';
import { differences, show } from './difference.ts';

/** Which rows are meant: of a key, and of one window where its start is told. */
interface Which {
  readonly view: string;
  readonly key: object;
  /** RFC 3339. */
  readonly start?: string | undefined;
}

const shownRows = 10;

/** A key, and the window where it is told, as a message shows them. */
export function textOf(key: object, start?: string): string {
  return start === undefined ? show(key) : `${show(key)} of ${start}`;
}

/** Epoch milliseconds of RFC 3339. */
export function instant(time: string): number {
  const ms = parseRfc3339(time);
  if (!Number.isNaN(ms)) return ms;
  throw new Error(`'${time}' is no RFC 3339 time such as 2001-01-01T00:00:00Z`);
}

/** One row, or none. */
export async function oneRow(served: Served, which: Which, measures: object | null): Promise<void> {
  const rows = await rowsLike(served, which);
  if (measures === null) {
    if (rows.length === 0) return;
    throw new Error(`there should be no row${list(rows)}`);
  }
  const row = await someRow(served, which, rows);
  if (rows.length > 1) {
    throw new Error(`it has rows of ${rows.length} windows: say the start of one${list(rows)}`);
  }
  const wrong = differences(row.measures, measures);
  if (wrong.length > 0) throw new Error(`${wrong.join('\n  ')}${list(rows)}`);
}

/** All rows, in order. */
export async function allRows(
  served: Served,
  view: string,
  expected: readonly object[],
): Promise<void> {
  const rows = await rowsLike(served, { view, key: {} });
  const wrong =
    rows.length === expected.length
      ? rows.flatMap((row, i) => differences(row, plain(expected[i] as object), `row ${i}`))
      : [`there are ${rows.length} rows, not ${expected.length}`];
  if (wrong.length > 0) throw new Error(`${wrong.join('\n  ')}${list(rows)}`);
}

/** All rows of a key final, or none of them. */
export async function finality(served: Served, which: Which, final: boolean): Promise<void> {
  const rows = await rowsLike(served, which);
  await someRow(served, which, rows);
  const wrong = rows.filter((row) => row.final !== final);
  if (wrong.length === 0) return;
  const { answer } = await served.reader.read(which.view, { limit: 1 });
  const what = final ? 'not final' : 'final already';
  const count = `${wrong.length} of ${rows.length}`;
  throw new Error(`${what}: ${count}; the watermark is ${answer.watermark}${list(wrong)}`);
}

/** Late events of a view. */
export async function late(served: Served, view: string, count: number): Promise<void> {
  const texts: string[] = [];
  for (const { partition } of await served.reader.listed()) {
    for await (const { json } of keptEvents(served.journal, partition, '_late')) {
      if (json.view === view) texts.push(`late by ${json.lateMs} ms: ${show(json.event)}`);
    }
  }
  if (texts.length !== count) throw new Error(`${texts.length} are late${lines(texts)}`);
}

/** Dead letters of a reason. */
export async function deadLetters(
  served: Served,
  reason: DeadReason,
  count: number,
): Promise<void> {
  const all = await allDead(served);
  const found = all.filter((letter) => letter.reason === reason).length;
  if (found !== count) throw new Error(`there are ${found}${lines(all.map(({ text }) => text))}`);
}

/** Some of the counts. */
export function counted(counts: Counts, expected: object): void {
  const wrong = differences(counts, expected);
  if (wrong.length > 0) throw new Error(`${wrong.join('\n  ')}${lines([show(counts)])}`);
}

/** No dead letters, nothing late. */
export async function nothingLost(served: Served): Promise<void> {
  const dead = await allDead(served);
  if (dead.length > 0) {
    throw new Error(`${dead.length} dead letters${lines(dead.map(({ text }) => text))}`);
  }
  for (const { name } of served.journal.plan.views) await late(served, name, 0);
}

async function allDead({ reader, journal }: Served) {
  const letters: { readonly reason: DeadReason; readonly text: string }[] = [];
  for (const { partition } of await reader.listed()) {
    for await (const { json } of keptEvents(journal, partition, '_dead')) {
      const { reason, errors, raw } = json;
      letters.push({ reason, text: `${reason}: ${errors[0]?.split('\n')[0]}: ${show(raw)}` });
    }
  }
  return letters;
}

/** The first of the rows, or an error that shows what there is instead. */
async function someRow(served: Served, { view }: Which, [row]: readonly AnyRow[]): Promise<AnyRow> {
  if (row !== undefined) return row;
  const there = list(await rowsLike(served, { view, key: {} }));
  const dead = (await allDead(served)).map(({ text }) => text);
  const letters = dead.length === 0 ? '' : `\n  dead letters: ${dead.length}${lines(dead)}`;
  throw new Error(`there is no such row${there}${letters}`);
}

/** All rows of a view with this key and start, by start and key. */
async function rowsLike(
  { reader, journal }: Served,
  { view, key, start }: Which,
): Promise<AnyRow[]> {
  const at = start === undefined ? null : instant(start);
  const rows: AnyRow[] = [];
  for (let next: string | null | undefined; next !== null; ) {
    const { answerRowsMax: limit } = journal.limits;
    const cursor = next === undefined ? {} : { cursor: next };
    const query = { key, limit, ...cursor } as AnyQuery;
    const read = await reader.read(view, query);
    rows.push(...read.selected.map((row) => rowValue(read.rows, row, read)));
    next = read.answer.next;
  }
  return rows.filter((row) => at === null || parseRfc3339(row.start) === at);
}

/** With its times in the form of answers: `2001-01-01T10:00Z` may be written in many ways. */
function plain(row: object): object {
  const times = Object.entries(row).flatMap(([name, value]) => {
    const ms = name === 'start' || name === 'end' ? parseRfc3339(String(value)) : Number.NaN;
    return Number.isNaN(ms) ? [] : [[name, new Date(ms).toISOString()]];
  });
  return { ...row, ...Object.fromEntries(times) };
}

function list(rows: readonly AnyRow[]): string {
  return lines(rows.map(({ view: _, ...row }) => show(row)));
}

/** What there is instead, below a message. */
function lines(texts: readonly string[]): string {
  const more = texts.length - shownRows;
  const all = [...texts.slice(0, shownRows), ...(more > 0 ? [`… and ${more} more`] : [])];
  return all.map((text) => `\n    ${text}`).join('');
}
