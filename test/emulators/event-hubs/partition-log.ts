import { Refusal } from './conditions.ts';
import type { Position } from './position-filter.ts';
import { type Published, stamp } from './stored-event.ts';

/** An event as it is kept: `bytes` is the message to deliver, its header being the first `headerBytes`. */
export interface StoredEvent {
  readonly sequence: bigint;
  /** Where the event begins in the partition, in bytes: never equal to the sequence number but at 0. */
  readonly offset: bigint;
  readonly enqueued: number;
  readonly bytes: Buffer;
  readonly headerBytes: number;
}

/** How much a partition keeps; the oldest events go first. Nothing goes where a figure is missing. */
export interface Retention {
  readonly events?: number;
  readonly bytes?: number;
  readonly ms?: number;
}

/** The end of a partition: what the next event gets, and what the last one got. */
export interface LogEnd {
  readonly sequence: bigint;
  readonly offset: bigint;
  /** '-1' if there was none. */
  readonly lastOffset: string;
  readonly enqueued: number;
}

/** The events of one partition. */
export class PartitionLog {
  private readonly retention: Retention;
  private readonly now: () => number;
  private readonly listeners = new Set<() => void>();
  /** Those before `head` are gone; cut off now and then. */
  private events: StoredEvent[] = [];
  private head = 0;
  private bytes = 0;
  private end: LogEnd;

  /** `end` is where the log goes on, `events` what it already holds. */
  constructor(
    retention: Retention,
    now: () => number,
    end: LogEnd,
    events: readonly StoredEvent[] = [],
  ) {
    this.retention = retention;
    this.now = now;
    this.end = end;
    this.events = [...events];
    for (const { bytes } of events) this.bytes += bytes.length;
  }

  /** Events that are held. */
  get count(): number {
    return this.events.length - this.head;
  }

  /** Number of the oldest event held or, if none is, of the next one. */
  get first(): bigint {
    return this.events[this.head]?.sequence ?? this.end.sequence;
  }

  /** Where the next event goes. */
  get next(): LogEnd {
    return this.end;
  }

  /** Numbers the messages and keeps them; gives what was kept. */
  append(messages: readonly Published[]): StoredEvent[] {
    const stored: StoredEvent[] = [];
    let { sequence, offset } = this.end;
    // The clock may go back; the times of a partition do not.
    const enqueued = Math.max(this.end.enqueued, this.now());
    for (const message of messages) {
      const bytes = stamp(message, sequence, offset, enqueued);
      stored.push({ sequence, offset, enqueued, bytes, headerBytes: message.header.length });
      sequence += 1n;
      offset += BigInt(bytes.length);
      this.bytes += bytes.length;
    }
    for (const event of stored) this.events.push(event);
    const lastOffset = String(stored.at(-1)?.offset ?? this.end.lastOffset);
    this.end = { sequence, offset, lastOffset, enqueued };
    this.retain();
    for (const listener of this.listeners) listener();
    return stored;
  }

  /** The event with this number or, if it is gone, the oldest one; undefined at the end. */
  at(sequence: bigint): StoredEvent | undefined {
    const first = this.first;
    const index = sequence <= first ? 0 : Number(sequence - first);
    return this.events[this.head + index];
  }

  /**
   * The number of the first event at a position.
   *
   * @throws Refusal for a position beyond the end.
   */
  seek({ by, value, inclusive }: Position): bigint {
    if (by === 'offset' && value === '@latest') return this.end.sequence;
    if (by === 'offset' && value === '-1') return this.first;
    const wanted = BigInt(value);
    const { lastOffset } = this.end;
    if (by === 'offset' && wanted > BigInt(lastOffset)) throw invalid('offset', value, lastOffset);
    if (by === 'sequence' && wanted >= this.end.sequence) {
      throw invalid('sequence number', value, String(this.end.sequence - 1n));
    }
    const key = (event: StoredEvent): bigint =>
      by === 'enqueued' ? BigInt(event.enqueued) : event[by];
    const from = this.search((event) => (inclusive ? key(event) >= wanted : key(event) > wanted));
    return this.events[from]?.sequence ?? this.end.sequence;
  }

  /** Calls `listener` after every append; gives what ends that. */
  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Removes the events before this number; gives the number of those removed. */
  trim(before: bigint): number {
    const { count } = this;
    while (this.count > 0 && this.first < before) this.drop();
    return count - this.count;
  }

  private retain(): void {
    const { events = Infinity, bytes = Infinity, ms = Infinity } = this.retention;
    const oldest = this.end.enqueued - ms;
    while (
      this.count > 0 &&
      (this.count > events ||
        this.bytes > bytes ||
        (this.events[this.head] as StoredEvent).enqueued < oldest)
    ) {
      this.drop();
    }
  }

  private drop(): void {
    this.bytes -= (this.events[this.head] as StoredEvent).bytes.length;
    this.head += 1;
    if (this.head < 1_024 || 2 * this.head < this.events.length) return;
    this.events = this.events.slice(this.head);
    this.head = 0;
  }

  /** The index of the first event that fulfils what all later ones fulfil too. */
  private search(fulfils: (event: StoredEvent) => boolean): number {
    let low = this.head;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (fulfils(this.events[middle] as StoredEvent)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function invalid(what: string, value: string, last: string): Refusal {
  const text =
    `The supplied ${what} '${value}' is invalid. ` + `The last ${what} in the system is '${last}'`;
  return new Refusal('com.microsoft:argument-error', text);
}
