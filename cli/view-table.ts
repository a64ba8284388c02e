import { type Column, numberColumn, table, timeColumn } from './table.ts';

/** A row of an answer as its JSON text says it, numbers with all their digits. */
export interface ShownRow {
  readonly start: string;
  readonly end: string;
  /** Left out in the output of a run: there all rows are final. */
  readonly state?: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly overflow?: boolean;
  readonly measures: Readonly<Record<string, unknown>>;
}

/** A number of a JSON text as it is written there. */
class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Parses JSON and keeps the digits of its numbers. */
export function parseDigits(json: string): unknown {
  const revive: Reviver = (_key, value, { source }) =>
    typeof value === 'number' ? new Digits(source ?? String(value)) : value;
  return JSON.parse(json, revive as (key: string, value: unknown) => unknown);
}

/**
 * Rows of one view as a table: start, key and measures; `end` where windows differ in length, `state` where not all
 * rows are final.
 */
export function viewTable(rows: readonly ShownRow[], indent: string = ''): string {
  const [first] = rows;
  if (first === undefined) return `${indent}no rows`;
  const columns: Column[] = [
    timeColumn(
      'start',
      rows.map(({ start }) => start),
    ),
  ];
  const lengths = rows.map(({ start, end }) => Date.parse(end) - Date.parse(start));
  if (lengths.some((length) => length !== lengths[0])) {
    columns.push(
      timeColumn(
        'end',
        rows.map(({ end }) => end),
      ),
    );
  }
  for (const part of Object.keys(first.key)) {
    columns.push(
      valueColumn(
        part,
        rows.map(({ key }) => key[part]),
      ),
    );
  }
  // A key may be the text of anything, so its own column tells which row has none.
  if (rows.some(({ overflow }) => overflow)) {
    columns.push({ head: 'overflow', cells: rows.map((row) => (row.overflow ? 'yes' : '-')) });
  }
  for (const name of Object.keys(first.measures)) {
    columns.push(
      ...measureColumns(
        name,
        rows.map(({ measures }) => measures[name]),
      ),
    );
  }
  const states = rows.map(({ state = 'final' }) => state);
  if (states.some((state) => state !== 'final')) columns.push({ head: 'state', cells: states });
  return table(columns, indent);
}

/** One column, or one for each number of a measure that has several: `delay.p50`, `delay.p95`. */
function measureColumns(name: string, values: readonly unknown[]): Column[] {
  if (values.some(Array.isArray)) return [{ head: name, cells: values.map(topText) }];
  const some = values.find((value) => isMembers(value));
  if (some === undefined) return [valueColumn(name, values)];
  return Object.keys(some).map((member) => {
    const numbers = values.map((value) => (isMembers(value) ? value[member] : null));
    return valueColumn(`${name}.${member}`, numbers);
  });
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Digits);
}

/** The most frequent values of a row: `SFO 12, LAX 9 (8 or more)`. */
function topText(values: unknown): string {
  const top = (values ?? []) as readonly { value: unknown; count: unknown; error: unknown }[];
  const texts = top.map(({ value, count, error }) => {
    const least = String(Number(String(count)) - Number(String(error)));
    const range = String(error) === '0' ? '' : ` (${least} or more)`;
    return `${plain(value)} ${count}${range}`;
  });
  return texts.length === 0 ? '-' : texts.join(', ');
}

/** A text of more than one line would tear the table. */
function plain(value: unknown): string {
  return String(value ?? '-').replace(/[\p{Cc}\u2028\u2029]/gu, '\ufffd');
}

function valueColumn(head: string, values: readonly unknown[]): Column {
  if (values.every((value) => value === null || value instanceof Digits)) {
    return numberColumn(head, values.map(String));
  }
  return { head, cells: values.map(plain) };
}
