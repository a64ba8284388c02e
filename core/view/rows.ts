import type { Reader, Writer } from '../bytes.ts';
import { type KeyPart, timeMax } from '../event.ts';
import type { Column } from '../measure/measure.ts';
import { measures } from '../measure/measures.ts';
import type { ViewPlan } from '../plan.ts';
import { SessionPlan } from '../window/session.ts';
import { Spans } from './spans.ts';

/** Columns of 64 bytes are cheap to make, and most tables of an entry are small. */
const rowsMin = 8;

/** About what a row of a few numbers takes in memory. */
const rowBytes = 128;

/** One level of the index per key part; the last one holds row numbers. */
type Level = Map<KeyPart, Level | number>;

/**
 * The rows of one view, each the start of a pane, a key and one cell per measure; or of whole windows, once they are
 * put together from panes. Rows are numbered in the order they
 * were added. The index is a map of maps, since joining the parts into one text costs four times as much.
 */
export class Rows {
  readonly view: ViewPlan;
  readonly columns: readonly Column[];
  /** Starts of panes by row. */
  readonly starts: number[];
  /** Ends by row, of windows that are more than a pane; null where the start tells. */
  ends: number[] | null = null;
  /** First and last event by row, of panes of a session view. */
  readonly spans: Spans | null;
  /** Key parts by part and row. */
  readonly keys: readonly KeyPart[][];
  private readonly windows = new Map<number, Level>();
  /** Rows that are in the index. Decoded rows get into it when it is first needed: most tables are only merged. */
  private indexed = 0;
  /** The window of the last row asked for: most often that of the next one too. */
  private lastStart = Number.NaN;
  private lastLevel: Level | undefined;
  private capacity = 0;
  /** The key of the row that is being merged. */
  private readonly scratch: KeyPart[];

  /** An empty table, or one of rows that were decoded. */
  constructor(view: ViewPlan, decoded?: Pick<Rows, 'starts' | 'keys' | 'columns' | 'spans'>) {
    this.view = view;
    this.starts = decoded?.starts ?? [];
    this.keys = decoded?.keys ?? view.key.map(() => []);
    this.columns = decoded?.columns ?? view.measures.map((m) => measures[m.kind].create(m.options));
    this.spans = decoded?.spans ?? (view.window instanceof SessionPlan ? new Spans() : null);
    this.capacity = this.starts.length;
    this.scratch = view.key.map(() => '');
  }

  get size(): number {
    return this.starts.length;
  }

  /** The end of a row's window. */
  end(row: number): number {
    return this.ends?.[row] ?? this.view.window.paneEnd(this.starts[row] as number);
  }

  /** Seconds from start to end of a row's window. */
  seconds(row: number): number {
    return (this.end(row) - (this.starts[row] as number)) / 1000;
  }

  /** What it costs to keep in memory, in rows of a few numbers each: a row of sketches is as heavy as many. */
  get weight(): number {
    let bytes = 0;
    for (const column of this.columns) bytes += column.heldBytes?.() ?? 0;
    return this.size + Math.ceil(bytes / rowBytes);
  }

  /** The row of a window and key, or -1. */
  find(start: number, key: readonly KeyPart[]): number {
    this.index();
    let level: Level | number | undefined = this.windows.get(start);
    // A key of no parts has its row under `undefined`.
    for (let part = 0; part < Math.max(1, key.length) && level !== undefined; part += 1) {
      level = (level as Level).get(key[part] as KeyPart);
    }
    return level === undefined ? -1 : (level as number);
  }

  /** The row of a window and key, added if it is new. */
  row(start: number, key: readonly KeyPart[]): number {
    if (this.indexed < this.size) this.index();
    const row = this.starts.length;
    const found = this.place(start, key, row);
    if (found !== row) return found;
    this.indexed = row + 1;
    this.starts.push(start);
    for (let part = 0; part < key.length; part += 1) {
      (this.keys[part] as KeyPart[]).push(key[part] as KeyPart);
    }
    if (row >= this.capacity) this.grow(Math.max(rowsMin, this.capacity * 2));
    return row;
  }

  private index(): void {
    for (; this.indexed < this.size; this.indexed += 1) {
      this.place(this.starts[this.indexed] as number, this.key(this.indexed), this.indexed);
    }
  }

  /** The row that the index has for a window and key; `row` is put there if it has none. */
  private place(start: number, key: readonly KeyPart[], row: number): number {
    let level = start === this.lastStart ? this.lastLevel : this.windows.get(start);
    if (level === undefined) {
      level = new Map();
      this.windows.set(start, level);
    }
    this.lastStart = start;
    this.lastLevel = level;
    const last = key.length - 1;
    for (let part = 0; part < last; part += 1) {
      let next: Level | number | undefined = level.get(key[part] as KeyPart);
      if (next === undefined) {
        next = new Map();
        level.set(key[part] as KeyPart, next);
      }
      level = next as Level;
    }
    const found = level.get(key[last] as KeyPart);
    if (found !== undefined) return found as number;
    level.set(key[last] as KeyPart, row);
    return row;
  }

  /** Makes room for so many rows at once. */
  reserve(rows: number): this {
    if (rows > this.capacity) this.grow(rows);
    return this;
  }

  private grow(capacity: number): void {
    this.capacity = capacity;
    for (const column of this.columns) column.grow(capacity);
    this.spans?.grow(capacity);
  }

  /** The key of a row. */
  key(row: number): KeyPart[] {
    return this.keys.map((part) => part[row] as KeyPart);
  }

  /** Whether a row holds the events of the keys that an entry had no room for. */
  isOverflow(row: number): boolean {
    return this.keys[0]?.[row] === null;
  }

  /** Adds one row of another table of the same view. */
  mergeRow(from: Rows, fromRow: number): void {
    const row = this.rowLike(from.starts[fromRow] as number, from, fromRow);
    this.mergeCells(row, from, fromRow);
    this.spans?.merge(row, from.spans as Spans, fromRow);
  }

  /** The row of a window and of the key of another table's row, added if it is new. */
  rowLike(start: number, from: Rows, fromRow: number): number {
    const key = this.scratch;
    for (let part = 0; part < key.length; part += 1) {
      key[part] = (from.keys[part] as KeyPart[])[fromRow] as KeyPart;
    }
    return this.row(start, key);
  }

  /** Adds the measures of another table's row to one of this. */
  mergeCells(row: number, from: Rows, fromRow: number): void {
    for (let i = 0; i < this.columns.length; i += 1) {
      (this.columns[i] as Column).merge(row, from.columns[i] as Column, fromRow);
    }
  }

  /** Adds the rows of another table of the same view, or those of them that `only` names. */
  merge(from: Rows, only?: Iterable<number>): void {
    if (only) for (const row of only) this.mergeRow(from, row);
    else for (let row = 0; row < from.size; row += 1) this.mergeRow(from, row);
  }

  /** Writes all rows, those of earlier windows first. */
  encode(out: Writer): void {
    const windows = new Map<number, number[]>();
    for (let row = 0; row < this.size; row += 1) {
      const start = this.starts[row] as number;
      const rows = windows.get(start);
      if (rows) rows.push(row);
      else windows.set(start, [row]);
    }
    const order = new Uint32Array(this.size);
    const { unit, origin } = this.view.window;
    let at = 0;
    let before = 0;
    out.unsigned(order.length);
    for (const start of [...windows.keys()].sort((a, b) => a - b)) {
      const rows = windows.get(start) as number[];
      order.set(rows, at);
      at += rows.length;
      out.unsigned(rows.length);
      out.signed((start - origin) / unit - before);
      before = (start - origin) / unit;
    }
    for (const part of this.keys) encodeKeys(out, part, order);
    for (const column of this.columns) column.encode(out, order);
    this.spans?.encode(out, order);
  }

  /**
   * Reads rows of a view that `encode` wrote.
   *
   * @throws MillraceError `damaged` for anything that `encode` can't have written.
   */
  static decode(from: Reader, view: ViewPlan, rowsMax: number): Rows {
    // A row takes a byte at least, so what is announced is there before room is made for it.
    const size = from.unsigned(Math.min(rowsMax, from.left));
    const starts: number[] = [];
    const { unit, origin } = view.window;
    let window = 0;
    while (starts.length < size) {
      const run = from.unsigned(size - starts.length);
      if (run === 0) throw from.damaged('a window without rows');
      window += from.integer();
      const start = window * unit + origin;
      if (Math.abs(start) > timeMax) throw from.damaged('a window out of range');
      for (let i = 0; i < run; i += 1) starts.push(start);
    }
    const keys = view.key.map(() => decodeKeys(from, size));
    checkOverflow(keys, from);
    const columns = view.measures.map((m) => measures[m.kind].decode(from, size, m.options));
    const spans = view.window instanceof SessionPlan ? Spans.decode(from, size, unit) : null;
    return new Rows(view, { starts, keys, columns, spans });
  }
}

/** All parts of a key are null or none is. */
function checkOverflow(keys: readonly KeyPart[][], from: Reader): void {
  const [first = [], ...others] = keys;
  if (!keys.some((part) => part.includes(null))) return;
  const agrees = (part: readonly KeyPart[]): boolean =>
    part.every((value, row) => (value === null) === (first[row] === null));
  if (!others.every(agrees)) throw from.damaged('a part of a key is missing');
}

const allText = 0;
const mixed = 1;
const tags = { string: 0, number: 1, true: 2, false: 3, null: 4 };

function encodeKeys(out: Writer, part: readonly KeyPart[], order: Uint32Array): void {
  const values: KeyPart[] = [];
  let texts = true;
  for (let i = 0; i < order.length; i += 1) {
    const value = part[order[i] as number] as KeyPart;
    values.push(value);
    if (typeof value !== 'string') texts = false;
  }
  out.byte(texts ? allText : mixed);
  if (texts) {
    out.texts(values as string[]);
    return;
  }
  for (const value of values) {
    if (value === null) out.byte(tags.null);
    else if (typeof value === 'boolean') out.byte(value ? tags.true : tags.false);
    else out.byte(typeof value === 'string' ? tags.string : tags.number);
    if (typeof value === 'string') out.text(value);
    else if (typeof value === 'number') out.double(value);
  }
}

function decodeKeys(from: Reader, count: number): KeyPart[] {
  const form = from.byte();
  if (form === allText) return from.texts(count);
  if (form !== mixed) throw from.damaged('an unknown form of keys');
  return Array.from({ length: count }, () => {
    const tag = from.byte();
    if (tag === tags.string) return from.text();
    if (tag === tags.number) return from.double();
    if (tag === tags.true || tag === tags.false) return tag === tags.true;
    if (tag === tags.null) return null;
    throw from.damaged('an unknown kind of key');
  });
}
