import { eventTimeMax, type KeyPart } from '../event.ts';
import type { Column, Result } from '../measure/measure.ts';
import type { Rows } from '../view/rows.ts';
import { derive } from './derive.ts';

/**
 * How far a row is: `open` until the watermark reaches its end, then `closing` as long as late events may still correct
 * it, then `final`.
 */
export type RowState = 'open' | 'closing' | 'final';

/** How far event time is in a read, epoch milliseconds. */
export interface Reached {
  /** Up to when nothing more is counted. */
  readonly finalTo: number;
  /** Up to when all partitions claim to be complete. */
  readonly watermark: number;
}

/** One row of an answer whose types nobody knows. */
export interface AnyRow {
  readonly view: string;
  readonly key: Readonly<Record<string, KeyPart>>;
  /** Of a view with `keysMax`: whether the row holds the events of keys that had no room; all key parts are null then. */
  readonly overflow?: boolean;
  readonly start: string;
  readonly end: string;
  readonly final: boolean;
  readonly state: RowState;
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
  /** The length of the stored windows that were read: the view's own or of a rollup; null where they have no one length. */
  readonly grainSeconds: number | null;
  /** Windows that start before it have expired, at least in part, and are left out; null while there are none. RFC 3339. */
  readonly keptFrom: string | null;
  readonly rows: readonly R[];
  /** The cursor of the next rows; null at the end. */
  readonly next: string | null;
}

/** Whether a row of a window that ends at `end` can't change any more. */
export function isFinal(end: number, lateness: number, finalTo: number): boolean {
  return end + lateness <= finalTo;
}

/** How far a row of a window that ends at `end` is. */
export function stateOf(end: number, lateness: number, { finalTo, watermark }: Reached): RowState {
  if (isFinal(end, lateness, finalTo)) return 'final';
  return end <= watermark ? 'closing' : 'open';
}

/** A row without its measures and state. */
function rowHead(rows: Rows, row: number, finalTo: number): Omit<AnyRow, 'measures' | 'state'> {
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
export function rowValue(rows: Rows, row: number, reached: Reached): AnyRow {
  const { view, columns } = rows;
  const measures: Record<string, Result> = {};
  for (const [i, { name }] of view.measures.entries()) {
    measures[name] = (columns[i] as Column).result(row);
  }
  for (const plan of view.derived) measures[plan.name] = derive(rows, plan, row);
  const state = stateOf(rows.end(row), view.lateness, reached);
  return { ...rowHead(rows, row, reached.finalTo), state, measures };
}

/**
 * A row as canonical JSON: members in the order of the definition, numbers with all their digits. It says whether the
 * row is final and no more of its state: in it the rows of two hosts are compared, whose watermarks may differ.
 */
export function rowJson(rows: Rows, row: number, finalTo: number): string {
  return jsonOf(rows, row, rowHead(rows, row, finalTo));
}

/** A row as JSON as an answer has it. */
export function answerRowJson(rows: Rows, row: number, reached: Reached): string {
  const state = stateOf(rows.end(row), rows.view.lateness, reached);
  return jsonOf(rows, row, { ...rowHead(rows, row, reached.finalTo), state });
}

function jsonOf(rows: Rows, row: number, head: object): string {
  const { view, columns } = rows;
  const measures = [
    ...view.measures.map(({ name }, i) => member(name, (columns[i] as Column).json(row))),
    ...view.derived.map((plan) => member(plan.name, JSON.stringify(derive(rows, plan, row)))),
  ];
  return `${JSON.stringify(head).slice(0, -1)},"measures":{${measures.join(',')}}}`;
}

function member(name: string, json: string): string {
  return `${JSON.stringify(name)}:${json}`;
}
