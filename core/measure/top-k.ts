import type { Reader, Writer } from '../bytes.ts';
import type { Scalar } from '../event.ts';
import { compareScalars, readScalar, ScalarWriter } from '../scalars.ts';
import type { Column, Measure, MeasureOptions, TopValue } from './measure.ts';

/** Counters kept for each value of the answer, and the least number of them. */
const countersPerValue = 16;
const countersMin = 128;

/** The values of one row that may be among the most frequent. */
interface Summary {
  /** At least this often each has come. */
  readonly counts: Map<Scalar, number>;
  /** At most this often has any value come beyond its count: also one that has none. */
  missed: number;
}

function countersOf({ k = 1 }: MeasureOptions): number {
  return Math.max(countersMin, k * countersPerValue);
}

class TopColumn implements Column {
  private readonly k: number;
  private readonly counters: number;
  private readonly summaries: (Summary | undefined)[] = [];

  constructor(options: MeasureOptions) {
    this.k = options.k ?? 1;
    this.counters = countersOf(options);
  }

  grow(): void {
    // A row without values has no summary.
  }

  private summary(row: number): Summary {
    let summary = this.summaries[row];
    if (summary === undefined) {
      summary = { counts: new Map(), missed: 0 };
      this.summaries[row] = summary;
    }
    return summary;
  }

  add(row: number, value: Scalar): void {
    const summary = this.summary(row);
    summary.counts.set(value, (summary.counts.get(value) ?? 0) + 1);
    if (summary.counts.size > this.counters) this.prune(summary);
  }

  merge(row: number, from: TopColumn, fromRow: number): void {
    const other = from.summaries[fromRow];
    if (other === undefined) return;
    const summary = this.summary(row);
    const { counts } = summary;
    for (const [value, count] of other.counts) counts.set(value, (counts.get(value) ?? 0) + count);
    summary.missed += other.missed;
    if (counts.size > this.counters) this.prune(summary);
  }

  /**
   * Takes the count of the first value that is not in the upper half from all of them, and drops those that have
   * nothing left. Which values stay depends on their counts alone, so a merge is the same from both sides.
   */
  private prune(summary: Summary): void {
    const sorted = Float64Array.from(summary.counts.values()).sort();
    const taken = sorted[sorted.length - 1 - this.counters / 2] as number;
    summary.missed += taken;
    for (const [value, count] of summary.counts) {
      if (count > taken) summary.counts.set(value, count - taken);
      else summary.counts.delete(value);
    }
  }

  /** Values in their own order, so that equal summaries are equal bytes. */
  encode(out: Writer, rows: Uint32Array): void {
    const scalars = new ScalarWriter(out);
    for (const row of rows) {
      const { counts = new Map<Scalar, number>(), missed = 0 } = this.summaries[row] ?? {};
      out.unsigned(counts.size);
      out.unsigned(missed);
      for (const value of [...counts.keys()].sort(compareScalars)) {
        scalars.write(value);
        out.unsigned(counts.get(value) as number);
      }
    }
  }

  static decode(from: Reader, rows: number, options: MeasureOptions): TopColumn {
    const column = new TopColumn(options);
    for (let row = 0; row < rows; row += 1) {
      const size = from.unsigned(column.counters);
      const missed = from.unsigned();
      if (size === 0 && missed === 0) continue;
      const summary = column.summary(row);
      summary.missed = missed;
      let before: Scalar | null = null;
      for (let i = 0; i < size; i += 1) {
        const value = readScalar(from);
        if (value === null || (before !== null && compareScalars(before, value) >= 0)) {
          throw from.damaged('values that are not in order');
        }
        const count = from.unsigned();
        if (count === 0) throw from.damaged('a value that never came');
        summary.counts.set(value, count);
        before = value;
      }
    }
    return column;
  }

  result(row: number): readonly TopValue[] {
    const { counts, missed } = this.summaries[row] ?? {
      counts: new Map<Scalar, number>(),
      missed: 0,
    };
    return [...counts]
      .sort(([a, countA], [b, countB]) => countB - countA || compareScalars(a, b))
      .slice(0, this.k)
      .map(([value, count]) => ({ value, count: count + missed, error: missed }));
  }

  json(row: number): string {
    return JSON.stringify(this.result(row));
  }

  compare(): number {
    return 0;
  }

  heldBytes(): number {
    return this.summaries.reduce((bytes, summary) => bytes + (summary?.counts.size ?? 0) * 64, 0);
  }
}

/**
 * The k most frequent values of a field, the most frequent first, each with its greatest possible count and by how much
 * that may be too large. Exact, in any order, while a row has no more values than counters (16 k, at least 128).
 * Beyond, the one measure whose answer may depend on the order of events and merges; the bounds it states always hold,
 * and the error is at most 1 / (8 k) of the row's events, so a value more frequent than that is never missed.
 *
 * Space-saving (Metwally, Agrawal, El Abbadi 2005) in the form that merges: the counters of Misra and Gries, which are
 * those of space-saving less its smallest, after Agarwal, Cormode, Huang, Phillips, Wei, Yi: "Mergeable Summaries"
 * (PODS 2012, section 3).
 */
export const topK: Measure = {
  ...{ takes: 'any', eventBytesMax: 32 },
  members: () => [],
  create: (options) => new TopColumn(options),
  decode: (from, rows, options) => TopColumn.decode(from, rows, options),
};
