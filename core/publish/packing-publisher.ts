import { MillraceError } from '../errors.ts';
import { bucketOf } from '../hash.ts';
import { append, bytesOf, costOf, type Entry, type Epoch, newPack, type Pack } from './pack.ts';
import { eventOverheadBytes, type PackingOptions, packingOptions } from './packing-options.ts';
import { RecordSender, type SenderParts } from './record-sender.ts';

/**
 * Packs events into records, many to one, and sends them again until the stream has taken them. Events of one key
 * keep their order; one may be there twice when the answer to a try was lost.
 */
export class PackingPublisher {
  private readonly parts: SenderParts;
  private readonly options: PackingOptions;
  private readonly sender: RecordSender;
  private readonly packBytesMax: number;
  private readonly eventBytesMax: number;
  /** Packs that take events, by bucket. */
  private readonly open = new Map<number, Pack>();
  /** Sends that wait for room, in order. */
  private waiting: Entry[] = [];
  /** How many at the front of `waiting` were let in. */
  private admitted = 0;
  private buffered = 0;
  private lingering = false;
  private epoch: Epoch = { open: 0, done: null };
  private flushed: Promise<void> = Promise.resolve();
  private closed = false;

  /** @throws MillraceError `definition` when an option is out of its range. */
  constructor(parts: SenderParts, options: Partial<PackingOptions> = {}) {
    this.parts = parts;
    this.options = packingOptions(options);
    const { recordBytesMax } = parts.publisher;
    this.packBytesMax = Math.min(this.options.packBytesMax, recordBytesMax);
    this.eventBytesMax = Math.min(recordBytesMax, this.options.bufferBytesMax - eventOverheadBytes);
    this.sender = new RecordSender(parts, this.options, (entries, error) =>
      this.settle(entries, error),
    );
  }

  /** Bytes held: of all events that are not settled, and their overhead; at most `bufferBytesMax`. */
  get bufferedBytes(): number {
    return this.buffered;
  }

  /**
   * Resolves when the stream has taken the event. `event`: one JSON object as text without a newline; its bytes must
   * not change until then. On a full buffer it waits for room; who doesn't await it grows the queue of the waiting.
   *
   * @throws MillraceError `too-large`, `throttled`, `unavailable` (after `publishMsMax`; it may be there all the
   * same), `request` when the event is blank or holds a newline, or the publisher is closed.
   */
  send(key: string, event: string | Uint8Array): Promise<void> {
    const bytes = bytesOf(event);
    const refusal = this.refusalOf(event, bytes);
    if (refusal !== null) return Promise.reject(refusal);
    const bucket = bucketOf(key, this.options.bucketCount);
    const { epoch } = this;
    epoch.open++;
    return new Promise((resolve, reject) => {
      const entry: Entry = { event, bucket, bytes, epoch, resolve, reject };
      if (this.waiting.length === this.admitted && this.hasRoomFor(entry)) {
        this.put(entry);
      } else {
        this.waiting.push(entry);
        if (this.sender.pending === 0) this.sealAll();
      }
    });
  }

  /** Sends all that was given so far without waiting for more, and resolves when every event of it is settled. */
  flush(): Promise<void> {
    const { epoch, flushed } = this;
    this.epoch = { open: 0, done: null };
    this.flushed = new Promise<void>((resolve) => {
      if (epoch.open === 0) resolve();
      else epoch.done = resolve;
    }).then(() => flushed);
    this.sealAll();
    return this.flushed;
  }

  /** Refuses further sends, and flushes. May be called again. */
  close(): Promise<void> {
    this.closed = true;
    return this.flush();
  }

  private refusalOf(event: string | Uint8Array, bytes: number): MillraceError | null {
    if (this.closed) return new MillraceError('request', 'The publisher is closed.');
    if (bytes > this.eventBytesMax) {
      const message = `An event of ${bytes} bytes is over the limit of ${this.eventBytesMax}.`;
      return new MillraceError('too-large', message);
    }
    if (typeof event === 'string' ? event.includes('\n') : event.includes(0x0a)) {
      return new MillraceError('request', 'An event to publish must not hold a newline.');
    }
    if (codeAt(event, 0) === 0x7b) return null;
    let i = 0;
    while (i < event.length && isBlank(codeAt(event, i))) i++;
    if (i < event.length) return null;
    return new MillraceError('request', 'An event to publish must not be blank.');
  }

  private hasRoomFor(entry: Entry): boolean {
    return this.buffered + costOf(entry) <= this.options.bufferBytesMax;
  }

  private put(entry: Entry): void {
    this.buffered += costOf(entry);
    const { bucket } = entry;
    // What is no object may look like several events or hide the ones behind it: it goes alone.
    const alone = codeAt(entry.event, 0) !== 0x7b;
    let pack = this.open.get(bucket);
    if (pack && (alone || pack.bytes + 1 + entry.bytes > this.packBytesMax)) {
      this.seal(bucket, pack);
      pack = undefined;
    }
    if (!pack) {
      pack = newPack(this.parts.clock.now());
      this.open.set(bucket, pack);
    }
    append(pack, entry);
    const full = pack.entries.length >= this.options.packEventsMax;
    if (alone || full || pack.bytes >= this.packBytesMax) this.seal(bucket, pack);
    else if (!this.lingering) this.startLinger();
  }

  private seal(bucket: number, pack: Pack): void {
    this.open.delete(bucket);
    this.sender.add(bucket, pack);
  }

  private sealAll(): void {
    for (const [bucket, pack] of this.open) this.seal(bucket, pack);
  }

  private settle(entries: readonly Entry[], error: MillraceError | null): void {
    for (const entry of entries) {
      this.buffered -= costOf(entry);
      if (error === null) entry.resolve();
      else entry.reject(error);
      const { epoch } = entry;
      if (--epoch.open === 0) epoch.done?.();
    }
    this.admit();
  }

  /** Lets in those that wait while there is room. */
  private admit(): void {
    let last: Entry | undefined;
    for (; this.admitted < this.waiting.length; this.admitted++) {
      const entry = this.waiting[this.admitted] as Entry;
      if (!this.hasRoomFor(entry)) break;
      this.put(entry);
      last = entry;
    }
    // Cut off now and then, so that a long queue costs each of its events the same.
    if (2 * this.admitted >= this.waiting.length && this.admitted > 0) {
      this.waiting = this.waiting.slice(this.admitted);
      this.admitted = 0;
    }
    // The last of those that a flush waits for closes the packs; before it they may fill up.
    const next = this.waiting[this.admitted];
    const flushed = last && last.epoch !== this.epoch && last.epoch !== next?.epoch;
    if (flushed || (next && this.sender.pending === 0)) this.sealAll();
  }

  private startLinger(): void {
    this.lingering = true;
    this.linger().catch(() => {
      // A clock that can't sleep must not hold events back.
      this.lingering = false;
      this.sealAll();
    });
  }

  /** Seals packs as they come of age. One sleep at a time; it ends by itself once no pack is open. */
  private async linger(): Promise<void> {
    const { clock } = this.parts;
    const { packLingerMs } = this.options;
    let wait = packLingerMs;
    while (this.open.size > 0) {
      await clock.sleep(wait);
      const now = clock.now();
      wait = packLingerMs;
      for (const [bucket, pack] of this.open) {
        const left = pack.openedAt + packLingerMs - now;
        if (left <= 0) this.seal(bucket, pack);
        else wait = Math.min(wait, left);
      }
    }
    this.lingering = false;
  }
}

function codeAt(event: string | Uint8Array, at: number): number | undefined {
  return typeof event === 'string' ? event.charCodeAt(at) : event[at];
}

function isBlank(code: number | undefined): boolean {
  return code === 0x20 || code === 0x0d || code === 0x09;
}
