import { eventTimeMax, type KeyPart } from '../event.ts';
import type { Column, Result } from '../measure/measure.ts';
import type { Rows } from '../view/rows.ts';
import { derive } from './derive.ts';

/** One row of an answer whose types nobody knows. */
export interface AnyRow {
  readonly view: string;
  readonly key: Readonly<Record<string, KeyPart>>;
  /** Of a view with `keysMax`: whether the row holds the events of keys that had no room; all key parts are null then. */
  readonly overflow?: boolean;
  readonly start: string;
  readonly end: string;
  readonly final: boolean;
  readonly measures: Readonly<Record<string, Result>>;
}

/** An answer with what it takes to judge it. */
export interface Answer<R> {
  readonly view: string;
  readonly generation: number;
  /** Event time up to which all partitions claim to be complete, RFC 3339; null while some partition has seen nothing. */
  readonly watermark: string | null;
  /** Events that came too late for the view, and dead letters, so far. */
  readonly late: number;
  readonly deadLettered: number;
  /** Seconds by which processing is behind the stream; 0 when caught up. */
  readonly lagSeconds: number | null;
  readonly rows: readonly R[];
  /** The cursor of the next rows; null at the end. */
  readonly next: string | null;
}

/** Whether a row of a window that ends at `end` can't change any more. */
export function isFinal(end: number, lateness: number, finalTo: number): boolean {
  return end + lateness <= finalTo;
}

/** A row without its measures. */
function rowHead(rows: Rows, row: number, finalTo: number): Omit<AnyRow, 'measures'> {
  const { view } = rows;
  const start = rows.starts[row] as number;
  const end = rows.end(row);
  return {
    view: view.name,
    key: Object.fromEntries(view.key.map((part, i) => [part, rows.keys[i]?.[row] as KeyPart])),
    // One of before the view's limit was taken away is told all the same.
    ...(view.keysMax !== null || rows.isOverflow(row) ? { overflow: rows.isOverflow(row) } : {}),
    start: new Date(start).toISOString(),
    end: new Date(Math.min(end, eventTimeMax)).toISOString(),
    final: isFinal(end, view.lateness, finalTo),
  };
}

/** A row as a value; numbers with more digits than a number holds are the nearest one. */
export function rowValue(rows: Rows, row: number, finalTo: number): AnyRow {
  const { view, columns } = rows;
  const measures: Record<string, Result> = {};
  for (const [i, { name }] of view.measures.entries()) {
    measures[name] = (columns[i] as Column).result(row);
  }
  for (const plan of view.derived) measures[plan.name] = derive(rows, plan, row);
  return { ...rowHead(rows, row, finalTo), measures };
}

/** A row as canonical JSON: members in the order of the definition, numbers with all their digits. */
export function rowJson(rows: Rows, row: number, finalTo: number): string {
  const { view, columns } = rows;
  const head = JSON.stringify(rowHead(rows, row, finalTo)).slice(0, -1);
  const measures = [
    ...view.measures.map(({ name }, i) => member(name, (columns[i] as Column).json(row))),
    ...view.derived.map((plan) => member(plan.name, JSON.stringify(derive(rows, plan, row)))),
  ];
  return `${head},"measures":{${measures.join(',')}}}`;
}

function member(name: string, json: string): string {
  return `${JSON.stringify(name)}:${json}`;
}
