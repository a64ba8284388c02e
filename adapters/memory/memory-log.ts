import type { StreamRecord } from '../../core/event.ts';
import type { Bounds } from '../../core/ports/stream-reader.ts';
import { checkInteger } from '../arguments.ts';

/** A partition's share of the buckets, from 0 to 1, and whether records still come to it. */
interface Share {
  readonly from: number;
  readonly to: number;
  readonly parents: readonly string[];
  open: boolean;
}

/**
 * The stream in memory: what publishers write to and readers read from. Positions are contiguous,
 * from 0 on.
 */
export class MemoryLog {
  private readonly kept: StreamRecord[][] = [];
  private readonly earliest: number[] = [];
  private readonly shares: Share[] = [];

  constructor(partitions: number) {
    checkInteger('The number of partitions', partitions, 1, 10_000);
    for (let i = 0; i < partitions; i += 1) {
      this.add(i / partitions, (i + 1) / partitions, []);
    }
  }

  /** The number of partitions, those that were split or merged included. */
  get partitions(): number {
    return this.kept.length;
  }

  /** The open partition that a bucket belongs to. */
  partitionOf(bucket: number, bucketCount: number): number {
    const at = bucket / bucketCount;
    return this.shares.findIndex(({ open, from, to }) => open && from <= at && at < to);
  }

  parents(partition: number): readonly string[] {
    return this.shares[partition]!.parents;
  }

  isOpen(partition: number): boolean {
    return this.shares[partition]!.open;
  }

  /** Closes a partition and gives each half of its share to a new one. */
  split(partition: number): void {
    const { from, to } = this.close(partition);
    const middle = (from + to) / 2;
    this.add(from, middle, [String(partition)]);
    this.add(middle, to, [String(partition)]);
  }

  /** Closes two neighbours and gives their share to a new partition. */
  merge(partition: number, next: number): void {
    const { from } = this.close(partition);
    const { to } = this.close(next);
    this.add(from, to, [String(partition), String(next)]);
  }

  private add(from: number, to: number, parents: readonly string[]): void {
    this.kept.push([]);
    this.earliest.push(0);
    this.shares.push({ from, to, parents, open: true });
  }

  private close(partition: number): Share {
    const share = this.shares[partition]!;
    share.open = false;
    return share;
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
