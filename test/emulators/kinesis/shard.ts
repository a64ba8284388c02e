import { lastIndex, sequenceNumber, shardBits } from './sequence-number.ts';

/** A record as it is kept. */
export interface StoredRecord {
  readonly sequence: bigint;
  /** The same as text. */
  readonly number: string;
  /** When it came, epoch milliseconds. */
  readonly arrival: number;
  readonly key: string;
  /** Its bytes in base64, as they came and go out. */
  readonly data: string;
  /** Bytes of data and key. */
  readonly bytes: number;
}

/** Hash keys from `first` to `last`. */
export interface HashRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** How a shard begins. */
export interface ShardStart {
  readonly number: number;
  readonly range: HashRange;
  /** None, the shard that was split, or the two that were merged. */
  readonly parents: readonly string[];
  /** Epoch milliseconds. */
  readonly opened: number;
  /** The second that its sequence numbers begin with. */
  readonly created: number;
}

/** The id of a shard by its number. */
export const shardId = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;

/** One shard of a stream and its records. */
export class Shard {
  readonly id: string;
  readonly start: ShardStart;
  /** The sequence number at its start, lower than that of every record. */
  readonly starting: bigint;
  /** When it was closed, epoch milliseconds, and the number that it ends with; null while it is open. */
  end: { readonly closed: number; readonly sequence: bigint } | null = null;
  private readonly bits: bigint;
  /** Those before `head` are gone; cut off now and then. */
  private records: StoredRecord[] = [];
  private head = 0;
  private last: bigint;

  constructor(start: ShardStart) {
    const { number: shard, created } = start;
    this.start = start;
    this.id = shardId(shard);
    this.bits = shardBits(created, shard);
    this.starting = sequenceNumber({ created, shard, index: 0n, seconds: created });
    this.last = this.starting;
  }

  /** Whether a hash key belongs to it. */
  holds(hash: bigint): boolean {
    return this.start.range.first <= hash && hash <= this.start.range.last;
  }

  /** The lowest position that no record has yet. */
  get next(): bigint {
    return this.last + 1n;
  }

  /** Keeps a record; gives its sequence number. */
  append(index: number, now: number, key: string, data: string, bytes: number): string {
    // The clock may go back; the times of a shard do not.
    const arrival = Math.max(now, this.records.at(-1)?.arrival ?? 0);
    const seconds = Math.max(Math.floor(arrival / 1_000), this.start.created);
    const sequence = this.bits | (BigInt(index) << 80n) | (BigInt(seconds) << 36n);
    const number = sequence.toString();
    this.records.push({ sequence, number, arrival, key, data, bytes });
    this.last = sequence;
    return number;
  }

  /** Takes no more records. */
  close(now: number): void {
    const { created, number: shard } = this.start;
    const seconds = Math.max(Math.floor(now / 1_000), created);
    this.end = {
      closed: now,
      sequence: sequenceNumber({ created, shard, index: lastIndex, seconds }),
    };
  }

  /** Records from a position on, at most so many and at most so many bytes, but always one if there is any. */
  read(position: bigint, recordsMax: number, bytesMax: number): StoredRecord[] {
    const from = this.search(({ sequence }) => sequence >= position);
    let to = from;
    for (let bytes = 0; to < this.records.length && to - from < recordsMax; to += 1) {
      bytes += this.records[to]!.bytes;
      if (bytes > bytesMax && to > from) break;
    }
    return this.records.slice(from, to);
  }

  /** The position of the first record that came at a time or later; where the next one goes if there is none. */
  positionAt(arrival: number): bigint {
    return this.records[this.search((record) => record.arrival >= arrival)]?.sequence ?? this.next;
  }

  /** Removes the records before a position; gives the number of those removed. */
  trim(before: bigint): number {
    return this.dropTo(this.search(({ sequence }) => sequence >= before));
  }

  /** Removes the records that came before a time. */
  expire(horizon: number): void {
    const oldest = this.records[this.head];
    if (oldest === undefined || oldest.arrival >= horizon) return;
    this.dropTo(this.search(({ arrival }) => arrival >= horizon));
  }

  private dropTo(head: number): number {
    const removed = head - this.head;
    this.head = head;
    if (head >= 1_024 && 2 * head >= this.records.length) {
      this.records = this.records.slice(head);
      this.head = 0;
    }
    return removed;
  }

  /** The index of the first record that fulfils what all later ones fulfil too. */
  private search(fulfils: (record: StoredRecord) => boolean): number {
    let low = this.head;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (fulfils(this.records[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
