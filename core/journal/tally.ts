import type { Cursor, StreamRecord } from '../event.ts';
import { addUsage, noUsage, type Usage } from './usage.ts';

/** What services bill by size and time: the rules of their vendors, as pure functions. */
export interface UsageRules {
  /** Units for a record's body of so many bytes. */
  payloadUnits(bytes: number): number;
  ingressUnits(bytes: number): number;
  /** The time that is billed when an instance was active for so long, milliseconds. */
  activeMs(ms: number): number;
  /** Units of a write of an item's body of so many bytes, and of a read of one item or of several; null: none was there. */
  writeUnits(bytes: number): number;
  readUnits(sizes: readonly number[]): number;
  requestUnits(operation: StoreOperation): number;
}

/** A call of a state store that was answered; bytes are those of bodies. */
export type StoreOperation =
  | { readonly kind: 'create' | 'replace'; readonly bytes: number; readonly won: boolean }
  | { readonly kind: 'remove' }
  | { readonly kind: 'read' | 'range'; readonly sizes: readonly number[] };

const perUnit = 1_000;

/**
 * What this process has used for a pipeline and not yet written down. It goes along with the next item that is written
 * anyway, so it costs no call; what is left when a process ends is lost.
 */
export class Tally {
  private readonly rules: UsageRules;
  private kept: Usage = noUsage;
  /** Batches under way, since when there are any, and up to when an active instance is billed, epoch milliseconds. */
  private running = 0;
  private activeFrom = 0;
  private activeTo = Number.NEGATIVE_INFINITY;
  /** Writes of which nobody knows whether they had an effect. */
  private doubts = 0;

  constructor(rules: UsageRules) {
    this.rules = rules;
  }

  /** What was used since something was last written down. */
  get unwritten(): Usage {
    return this.kept;
  }

  /**
   * Has a write carry what was used so far. If it is refused, the next one carries it. If nobody knows what became of
   * it, none does: nothing may count twice.
   */
  async carry(write: (used: Usage) => Promise<boolean>): Promise<boolean> {
    const { kept, doubts } = this;
    this.kept = noUsage;
    let written = false;
    try {
      written = await write(kept);
      return written;
    } finally {
      if (!written && this.doubts === doubts) this.add(kept);
    }
  }

  /** Runs a batch, and takes note of its time. `now` gives epoch milliseconds. */
  async batch<T>(now: () => number, run: () => Promise<T>): Promise<T> {
    const from = now();
    if (this.running === 0) this.activeFrom = from;
    this.running += 1;
    try {
      return await run();
    } finally {
      const to = Math.max(from, now());
      this.running -= 1;
      this.add({ batches: 1, busyMs: to - from });
      if (this.running === 0) this.rest(to);
    }
  }

  /** What an instance bills from the first batch under way to the end of the last, and has not been billed yet. */
  private rest(to: number): void {
    const { activeFrom, activeTo } = this;
    const end = activeFrom + this.rules.activeMs(Math.max(0, to - activeFrom));
    this.add({ activeMs: Math.max(0, end - Math.max(activeFrom, activeTo)) });
    this.activeTo = Math.max(activeTo, end);
  }

  /** What the records count of which an entry, from one cursor to another, has the end. */
  recordsIn(records: readonly StreamRecord[], from: Cursor, to: Cursor): Partial<Usage> {
    let [count, recordBytes, payloadUnits, ingressUnits] = [0, 0, 0, 0];
    for (const { position, body } of records) {
      if (position < from.position || position >= to.position) continue;
      count += 1;
      recordBytes += body.length;
      payloadUnits += this.rules.payloadUnits(body.length);
      ingressUnits += this.rules.ingressUnits(body.length);
    }
    return { records: count, recordBytes, payloadUnits, ingressUnits };
  }

  /** Takes note of a call of the store. */
  called(operation: StoreOperation): void {
    const { rules } = this;
    const requestMilliunits = Math.round(rules.requestUnits(operation) * perUnit);
    if ('sizes' in operation) {
      this.add({ reads: 1, readUnits: rules.readUnits(operation.sizes), requestMilliunits });
    } else {
      const bytes = 'bytes' in operation ? operation.bytes : 0;
      this.add({ writes: 1, writeUnits: rules.writeUnits(bytes), requestMilliunits });
    }
  }

  /** Takes note of a write of which nobody knows what became. */
  doubted(): void {
    this.doubts += 1;
  }

  private add(more: Partial<Usage>): void {
    this.kept = addUsage(this.kept, more);
  }
}

/** Has a write carry what was used, where that is counted. */
export function carried(
  tally: Tally | undefined,
  write: (used: Usage) => Promise<boolean>,
): Promise<boolean> {
  return tally === undefined ? write(noUsage) : tally.carry(write);
}
