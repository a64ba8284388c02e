/** Cells of one row, ascending by key: those from `from` to `to` - 1. */
export interface CellRange {
  readonly keys: Uint32Array;
  readonly counts: Float64Array;
  readonly from: number;
  readonly to: number;
}

/** How cells are kept. */
export interface SparseOptions {
  /** Keys that are the same without this many of their lowest bits are one cell, and the largest of them stays. */
  readonly freeBits: number;
  /** Takes the cells of a row that shall not be kept here, and says so. */
  spill?(row: number, cells: CellRange): boolean;
}

/** Longer segments are sorted by the engine, whose call costs more than this many insertions. */
const insertionsMax = 12;
/** Additions held back before they are sorted in; an index of a row's cells takes 20 bits of a double. */
const loggedMin = 1_024;
const loggedMax = 2 ** 19;
const indexBase = 2 ** 20;

/**
 * Counts by row and key, of which each row has few. Additions go to the end of a log, and are sorted in when somebody
 * looks or the log has become as long as what it adds to: an addition costs a few writes, and no row is an object.
 */
export class SparseCells {
  private readonly options: SparseOptions;
  /** Row r has the cells `starts[r]` to `starts[r + 1]` - 1. */
  private starts: Uint32Array = new Uint32Array(1);
  private keys: Uint32Array = new Uint32Array(0);
  private counts: Float64Array = new Float64Array(0);
  private logRows: Uint32Array = new Uint32Array(0);
  private logKeys: Uint32Array = new Uint32Array(0);
  private logCounts: Float64Array = new Float64Array(0);
  private logged = 0;

  constructor(options: SparseOptions) {
    this.options = options;
  }

  grow(rows: number): void {
    const grown = new Uint32Array(rows + 1).fill(this.starts.at(-1) as number);
    grown.set(this.starts);
    this.starts = grown;
  }

  add(row: number, key: number, count: number): void {
    if (this.logged === this.logRows.length) this.makeRoom();
    const at = this.logged++;
    this.logRows[at] = row;
    this.logKeys[at] = key;
    this.logCounts[at] = count;
  }

  /** Adds the cells of a row of another table. */
  merge(row: number, from: SparseCells, fromRow: number): void {
    const { keys, counts, from: first, to } = from.row(fromRow);
    for (let i = first; i < to; i += 1) this.add(row, keys[i] as number, counts[i] as number);
  }

  /** The cells of a row, valid until the next addition. */
  row(row: number): CellRange {
    this.settle();
    const { keys, counts, starts } = this;
    return { keys, counts, from: starts[row] as number, to: starts[row + 1] as number };
  }

  /** Bytes held. */
  bytes(): number {
    return this.keys.length * 12 + this.logRows.length * 16;
  }

  private makeRoom(): void {
    // Sorting in costs a little for every row and cell that is there.
    const there = Math.max(this.keys.length, this.starts.length >>> 2);
    const enough = Math.min(loggedMax, Math.max(loggedMin, there));
    if (this.logged >= enough) this.settle();
    const capacity = Math.min(enough, Math.max(64, this.logged * 2));
    this.logRows = longer(this.logRows, new Uint32Array(capacity));
    this.logKeys = longer(this.logKeys, new Uint32Array(capacity));
    this.logCounts = longer(this.logCounts, new Float64Array(capacity));
  }

  /** Sorts the log in: cells by row, then the few of each row by key. */
  settle(): void {
    if (this.logged === 0) return;
    const rows = this.starts.length - 1;
    const ends = this.countCells(rows);
    const all = ends[rows] as number;
    const keys = new Uint32Array(all);
    const counts = new Float64Array(all);
    for (let row = 0; row < rows; row += 1) {
      const from = this.starts[row] as number;
      const to = this.starts[row + 1] as number;
      if (from === to) continue;
      const at = ends[row] as number;
      keys.set(this.keys.subarray(from, to), at);
      counts.set(this.counts.subarray(from, to), at);
      ends[row] = at + to - from;
    }
    for (let i = 0; i < this.logged; i += 1) {
      const row = this.logRows[i] as number;
      const at = ends[row] as number;
      keys[at] = this.logKeys[i] as number;
      counts[at] = this.logCounts[i] as number;
      ends[row] = at + 1;
    }
    this.logged = 0;
    this.logRows = new Uint32Array(0);
    this.logKeys = new Uint32Array(0);
    this.logCounts = new Float64Array(0);
    this.pack(ends, keys, counts);
  }

  /** Where the cells of each row begin when those of the log stand behind those that it has. */
  private countCells(rows: number): Uint32Array {
    const { starts, logRows } = this;
    const begins = new Uint32Array(rows + 1);
    for (let i = 0; i < this.logged; i += 1) {
      const next = (logRows[i] as number) + 1;
      begins[next] = (begins[next] as number) + 1;
    }
    for (let row = 0; row < rows; row += 1) {
      const size = (starts[row + 1] as number) - (starts[row] as number);
      begins[row + 1] = (begins[row + 1] as number) + (begins[row] as number) + size;
    }
    return begins;
  }

  /** Takes over rows that end at `ends`, each sorted and without cells that are there twice. */
  private pack(ends: Uint32Array, keys: Uint32Array, counts: Float64Array): void {
    const rows = this.starts.length - 1;
    const { freeBits } = this.options;
    let at = 0;
    for (let row = 0; row < rows; row += 1) {
      const from = row === 0 ? 0 : (ends[row - 1] as number);
      const to = ends[row] as number;
      this.starts[row] = at;
      if (to - from > 1) sortCells(keys, counts, from, to);
      const first = at;
      for (let i = from; i < to; i += 1) {
        const key = keys[i] as number;
        if (at > first && key >>> freeBits === (keys[at - 1] as number) >>> freeBits) {
          keys[at - 1] = key;
          counts[at - 1] = (counts[at - 1] as number) + (counts[i] as number);
        } else {
          keys[at] = key;
          counts[at] = counts[i] as number;
          at += 1;
        }
      }
      if (this.options.spill?.(row, { keys, counts, from: first, to: at })) at = first;
    }
    this.starts[rows] = at;
    // Views of buffers that are hardly longer: most keys of a log are new.
    this.keys = at * 2 < keys.length ? keys.slice(0, at) : keys.subarray(0, at);
    this.counts = at * 2 < keys.length ? counts.slice(0, at) : counts.subarray(0, at);
  }
}

function longer<A extends Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Sorts the cells [from, to) by key. */
function sortCells(keys: Uint32Array, counts: Float64Array, from: number, to: number): void {
  if (isSorted(keys, from, to)) return;
  if (to - from > insertionsMax) {
    const order = new Float64Array(to - from);
    for (let i = 0; i < order.length; i += 1) order[i] = (keys[from + i] as number) * indexBase + i;
    order.sort();
    const old = counts.slice(from, to);
    for (let i = 0; i < order.length; i += 1) {
      const both = order[i] as number;
      const key = Math.floor(both / indexBase);
      keys[from + i] = key;
      counts[from + i] = old[both - key * indexBase] as number;
    }
    return;
  }
  for (let i = from + 1; i < to; i += 1) {
    const key = keys[i] as number;
    const count = counts[i] as number;
    let at = i;
    for (; at > from && (keys[at - 1] as number) > key; at -= 1) {
      keys[at] = keys[at - 1] as number;
      counts[at] = counts[at - 1] as number;
    }
    keys[at] = key;
    counts[at] = count;
  }
}

function isSorted(keys: Uint32Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i += 1) {
    if ((keys[i] as number) < (keys[i - 1] as number)) return false;
  }
  return true;
}
