import type { KeyPart } from '../event.ts';
import type { Limits } from '../limits.ts';
import { type Answer, type AnyRow, answerRowJson, rowValue } from './answer.ts';
import { type Difference, tokenOf } from './changes.ts';
import { csvOf } from './csv.ts';
import type { AnyQuery } from './query.ts';
import type { Read } from './reader.ts';
import { seriesJson } from './series.ts';
import { instant } from './standing.ts';

/** The formats of an answer. */
export const formats = ['rows', 'series', 'csv'] as const;

/** How an answer is written: its rows as JSON, arrays for charts, or CSV. */
export type Format = (typeof formats)[number];

/** All rows of a key that start in [start, end), RFC 3339: gone, unless they come again. */
export interface Gone {
  readonly key: Readonly<Record<string, KeyPart>>;
  readonly start: string;
  readonly end: string;
}

/**
 * What has changed since an answer. To hold what an answer would say: forget all rows on `reset`, else those that end
 * at or before `expiredTo` and those that start in a stretch of `gone`; then put in each row, in place of the one of
 * the same key and start.
 */
export interface Changes<R> extends Answer<R> {
  /** `since` of the next call. */
  readonly token: string;
  readonly reset: boolean;
  readonly gone: readonly Gone[];
  /** Null where no row has expired. */
  readonly expiredTo: string | null;
}

/** Changes as JSON. */
export interface ChangesText {
  readonly text: string;
  readonly token: string;
  /** Whether the state is another one than that of the token before. */
  readonly moved: boolean;
}

/** A query for all rows that an answer may have where no limit was given. */
export function forAllRows(query: AnyQuery, { answerRowsMax }: Limits): AnyQuery {
  return { limit: answerRowsMax, ...query };
}

/** A query with the limit that a format has where none was given. */
export function limited(query: AnyQuery, format: Format, limits: Limits): AnyQuery {
  return format === 'rows' ? query : forAllRows(query, limits);
}

/** What was read as text. `now`: epoch milliseconds. */
export function textOf(read: Read, format: Format, limits: Limits, now: number): string {
  if (format === 'csv') return csvOf(read);
  if (format === 'series') return seriesJson(read, limits.answerRowsMax);
  const { next, ...head } = read.answer;
  const texts = read.selected.map((row) => answerRowJson(read.rows, row, read));
  const end = JSON.stringify({ next, token: tokenOf(read, now, texts) }).slice(1);
  return `${JSON.stringify(head).slice(0, -1)},"rows":[${texts.join(',')}],${end}`;
}

/** Changes as a value. */
export function changesOf(found: Difference): Changes<AnyRow> {
  const { read, rows, answer, token, reset } = found;
  const values = read === null ? [] : rows.map((row) => rowValue(read.rows, row, read));
  return { ...answer, rows: values, token, reset, ...placesOf(found) };
}

/** Changes as JSON text, numbers with all their digits. */
export function changesJson(found: Difference): string {
  const { read, rows, token, reset } = found;
  const { next, ...head } = found.answer;
  const texts = read === null ? [] : rows.map((row) => answerRowJson(read.rows, row, read));
  const end = JSON.stringify({ next, token, reset, ...placesOf(found) }).slice(1);
  return `${JSON.stringify(head).slice(0, -1)},"rows":[${texts.join(',')}],${end}`;
}

function placesOf({
  read,
  gone,
  expiredTo,
}: Difference): Pick<Changes<never>, 'gone' | 'expiredTo'> {
  const parts = read?.rows.view.key ?? [];
  return {
    gone: gone.map(({ key, start, end }) => ({
      key: Object.fromEntries(parts.map((part, i) => [part, key[i] as KeyPart])),
      start: new Date(start).toISOString(),
      end: new Date(end).toISOString(),
    })),
    expiredTo: expiredTo === null ? null : instant(expiredTo),
  };
}
