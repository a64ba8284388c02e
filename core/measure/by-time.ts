import type { Reader, Writer } from '../bytes.ts';
import { eventTimeMax, eventTimeMin, type Scalar } from '../event.ts';
import { compareScalars, readScalar, ScalarWriter } from '../scalars.ts';
import type { Column, Measure, Stamp } from './measure.ts';

/** The value of one event per row: that of the least or greatest time, then id, then value. */
class ByTimeColumn implements Column {
  private readonly sign: 1 | -1;
  private times: Float64Array = new Float64Array(0);
  private readonly ids: string[] = [];
  private readonly values: (Scalar | undefined)[] = [];

  constructor(sign: 1 | -1) {
    this.sign = sign;
  }

  grow(capacity: number): void {
    const grown = new Float64Array(capacity);
    grown.set(this.times);
    this.times = grown;
  }

  add(row: number, value: Scalar, { time, id }: Stamp): void {
    const held = this.values[row];
    if (held !== undefined && this.order(row, held, value, time, id) <= 0) return;
    this.times[row] = time;
    this.ids[row] = id;
    // There is no negative zero in JSON.
    this.values[row] = typeof value === 'number' ? value + 0 : value;
  }

  /** Positive if an event takes the place of what the row holds. Outputs of one event have the same time and id. */
  private order(row: number, held: Scalar, value: Scalar, time: number, id: string): number {
    const before = this.times[row] as number;
    if (time !== before) return (time - before) * this.sign;
    const from = this.ids[row] as string;
    if (id !== from) return id > from ? this.sign : -this.sign;
    return compareScalars(value, held) * this.sign;
  }

  merge(row: number, from: ByTimeColumn, fromRow: number): void {
    const value = from.values[fromRow];
    if (value === undefined) return;
    this.add(row, value, {
      time: from.times[fromRow] as number,
      id: from.ids[fromRow] as string,
    });
  }

  /** All values, then the times and ids of those that are there. */
  encode(out: Writer, rows: Uint32Array): void {
    const scalars = new ScalarWriter(out);
    for (const row of rows) scalars.write(this.values[row] ?? null);
    const there = [...rows].filter((row) => this.values[row] !== undefined);
    let before = 0;
    for (const row of there) {
      const time = this.times[row] as number;
      out.signed(time - before);
      before = time;
    }
    out.texts(there.map((row) => this.ids[row] as string));
  }

  static decode(from: Reader, rows: number, sign: 1 | -1): ByTimeColumn {
    const column = new ByTimeColumn(sign);
    column.grow(rows);
    const there: number[] = [];
    for (let row = 0; row < rows; row += 1) {
      const value = readScalar(from);
      if (value === null) continue;
      column.values[row] = value;
      there.push(row);
    }
    let time = 0;
    for (const row of there) {
      time += from.integer();
      if (!(time >= eventTimeMin && time <= eventTimeMax))
        throw from.damaged('a time out of range');
      column.times[row] = time;
    }
    const ids = from.texts(there.length);
    for (const [i, row] of there.entries()) column.ids[row] = ids[i] as string;
    return column;
  }

  result(row: number): Scalar | null {
    return this.values[row] ?? null;
  }

  json(row: number): string {
    return JSON.stringify(this.result(row));
  }

  compare(a: number, b: number): number {
    const left = this.result(a);
    const right = this.result(b);
    if (left === null || right === null) return (left === null ? 0 : 1) - (right === null ? 0 : 1);
    return compareScalars(left, right);
  }
}

function measure(sign: 1 | -1): Measure {
  return {
    ...{ takes: 'any', eventBytesMax: 48, keepsIds: true },
    create: () => new ByTimeColumn(sign),
    decode: (from, rows) => ByTimeColumn.decode(from, rows, sign),
  };
}

/** The value of the event of the earliest event time; of several, that of the smallest id, as text. Null for nothing. */
export const first: Measure = measure(-1);

/** The value of the event of the latest event time; of several, that of the greatest id, as text. Null for nothing. */
export const last: Measure = measure(1);
