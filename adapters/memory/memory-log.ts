import type { StreamRecord } from '../../core/event.ts';
import type { Bounds } from '../../core/ports/stream-reader.ts';
import { checkInteger } from '../arguments.ts';

/**
 * The stream in memory: what publishers write to and readers read from. Positions are contiguous,
 * from 0 on.
 */
export class MemoryLog {
  /** The number of partitions. */
  readonly partitions: number;
  private readonly kept: StreamRecord[][];
  private readonly earliest: number[];

  constructor(partitions: number) {
    checkInteger('The number of partitions', partitions, 1, 10_000);
    this.partitions = partitions;
    this.kept = Array.from({ length: partitions }, () => []);
    this.earliest = this.kept.map(() => 0);
  }

  /** Adds one record at the next position of a partition. */
  append(partition: number, partitionKey: string, arrival: number, body: Uint8Array): void {
    const kept = this.kept[partition]!;
    const position = BigInt(this.earliest[partition]! + kept.length);
    kept.push({ position, partitionKey, arrival, body: new Uint8Array(body) });
  }

  /** Copies of at most `limit` records of a partition, from the first one at or after `from` on. */
  read(partition: number, from: bigint, limit: number): StreamRecord[] {
    const first = Math.max(0, Number(from) - this.earliest[partition]!);
    const records = this.kept[partition]!.slice(first, first + limit);
    return records.map((record) => ({ ...record, body: new Uint8Array(record.body) }));
  }

  bounds(partition: number): Bounds & { readonly latest: bigint } {
    const earliest = this.earliest[partition]!;
    const next = earliest + this.kept[partition]!.length;
    return { earliest: BigInt(earliest), latest: BigInt(next - 1) };
  }

  /**
   * Removes, from the oldest on, the records that arrived before `olderThanMs` (epoch); gives their
   * number.
   */
  trim(olderThanMs: number, neededFrom?: (partition: string) => bigint): number {
    let removed = 0;
    for (const [partition, kept] of this.kept.entries()) {
      const first = kept.findIndex((record) => record.arrival >= olderThanMs);
      const young = first < 0 ? kept.length : first;
      const needed = neededFrom?.(String(partition));
      const old = needed === undefined ? young : Number(needed) - this.earliest[partition]!;
      const count = Math.max(0, Math.min(young, old));
      kept.splice(0, count);
      this.earliest[partition] = this.earliest[partition]! + count;
      removed += count;
    }
    return removed;
  }
}
