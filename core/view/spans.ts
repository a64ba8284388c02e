import type { Reader, Writer } from '../bytes.ts';

/**
 * The first and the last event of each row of a session view, milliseconds from the start of its pane: a commutative
 * monoid like the columns of measures.
 */
export class Spans {
  /** The time of the first event by row; infinity for none. */
  private firsts: Float64Array = new Float64Array(0);
  private lasts: Float64Array = new Float64Array(0);

  grow(capacity: number): void {
    const from = this.firsts.length;
    const firsts = new Float64Array(capacity);
    const lasts = new Float64Array(capacity);
    firsts.set(this.firsts);
    lasts.set(this.lasts);
    firsts.fill(Number.POSITIVE_INFINITY, from);
    lasts.fill(Number.NEGATIVE_INFINITY, from);
    this.firsts = firsts;
    this.lasts = lasts;
  }

  first(row: number): number {
    return this.firsts[row] as number;
  }

  last(row: number): number {
    return this.lasts[row] as number;
  }

  /** Adds an event. */
  add(row: number, time: number): void {
    if (time < (this.firsts[row] as number)) this.firsts[row] = time;
    if (time > (this.lasts[row] as number)) this.lasts[row] = time;
  }

  /** Adds a row of the spans of another table. */
  merge(row: number, from: Spans, fromRow: number): void {
    this.add(row, from.first(fromRow));
    this.add(row, from.last(fromRow));
  }

  encode(out: Writer, rows: Uint32Array): void {
    for (const row of rows) out.unsigned(this.first(row));
    for (const row of rows) out.unsigned(this.last(row) - this.first(row));
  }

  /**
   * Reads the spans of `rows` rows that `encode` wrote, in panes of `size`.
   *
   * @throws MillraceError `damaged` for a span that is not within its pane.
   */
  static decode(from: Reader, rows: number, size: number): Spans {
    const spans = new Spans();
    spans.grow(rows);
    for (let row = 0; row < rows; row += 1) spans.firsts[row] = from.unsigned(size - 1);
    for (let row = 0; row < rows; row += 1) {
      spans.lasts[row] = spans.first(row) + from.unsigned(size - 1 - spans.first(row));
    }
    return spans;
  }
}
