import { MillraceError } from '../errors.ts';

/** A bucket of event time is live iff its end + horizon is after the watermark; with a horizon of 0 none is. */
export function isLive(
  bucket: number,
  { horizon, bucketSize }: { readonly horizon: number; readonly bucketSize: number },
  watermark: number,
): boolean {
  return horizon > 0 && (bucket + 1) * bucketSize + horizon > watermark;
}

/** The most buckets one set can tell apart. */
const bucketsMax = 65_534;
const loadMax = 0.8;
const loadAfterGrowth = 0.52;
/** Below this many ids the table is grown to twice the room: it is small, and grows less often. */
const sparseIdsMax = 65_536;
/** Arrays of up to 64 bytes are cheap to make, and most sets stay that small. */
const slotsMin = 16;

/**
 * 64-bit fingerprints of ids, each with the bucket of event time it was seen in: open addressing over typed arrays,
 * 10 bytes a slot, so 12 to 20 bytes per id held. Which buckets are live is a rule over the watermark, not a
 * matter of what is in memory: dead ones only give their room back when the table is full.
 */
export class Seen {
  readonly horizon: number;
  readonly bucketSize: number;
  private low: Uint32Array = new Uint32Array(slotsMin);
  private high: Uint32Array = new Uint32Array(slotsMin);
  /** Bucket of a slot as 1 + its index in `buckets`; 0 is an empty slot. */
  private tags: Uint16Array = new Uint16Array(slotsMin);
  private used = 0;
  private buckets: number[] = [];
  private indexes = new Map<number, number>();

  /** `horizon` and `bucketSize` in milliseconds of event time; a horizon of 0 remembers nothing. */
  constructor(horizon: number, bucketSize: number) {
    this.horizon = horizon;
    this.bucketSize = bucketSize;
  }

  /** Ids held, dead ones that are still in memory included. */
  get size(): number {
    return this.used;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.tags.length * 10;
  }

  /** The bucket that an event time belongs to. */
  bucketOf(time: number): number {
    return Math.floor(time / this.bucketSize);
  }

  /** Whether a bucket is live at a watermark. */
  isLive(bucket: number, watermark: number): boolean {
    return isLive(bucket, this, watermark);
  }

  /** Whether the fingerprint is held in a bucket that is live at this watermark. */
  has(low: number, high: number, watermark: number): boolean {
    const slot = this.slot(low, high);
    const tag = this.tags[slot] as number;
    return tag !== 0 && this.isLive(this.buckets[tag - 1] as number, watermark);
  }

  /** Holds a fingerprint in a bucket; one that is held already moves there. Buckets dead at `watermark` may be dropped. */
  add(low: number, high: number, bucket: number, watermark: number): void {
    if (!this.isLive(bucket, watermark)) return;
    if (this.used >= this.tags.length * loadMax) this.rebuild(watermark, 0);
    this.hold(low, high, this.tagOf(bucket, watermark));
  }

  /** Holds the first `used` / 2 fingerprints of pairs of lanes, all of one bucket. */
  addAll(lanes: Uint32Array, used: number, bucket: number, watermark: number): void {
    if (!this.isLive(bucket, watermark)) return;
    this.reserve(used / 2, watermark);
    const tag = this.tagOf(bucket, watermark, used / 2);
    for (let i = 0; i < used; i += 2) this.hold(lanes[i] as number, lanes[i + 1] as number, tag);
  }

  private hold(low: number, high: number, tag: number): void {
    const slot = this.slot(low, high);
    if (this.tags[slot] === 0) this.used += 1;
    this.low[slot] = low;
    this.high[slot] = high;
    this.tags[slot] = tag;
  }

  private tagOf(bucket: number, watermark: number, more = 1): number {
    const known = this.indexes.get(bucket);
    if (known !== undefined) return known + 1;
    if (this.buckets.length >= bucketsMax) this.rebuild(watermark, more);
    if (this.buckets.length >= bucketsMax) {
      throw new MillraceError('bug', `over ${bucketsMax} live buckets of ids`);
    }
    this.indexes.set(bucket, this.buckets.length);
    return this.buckets.push(bucket);
  }

  /** Makes room for `more` ids at once. */
  reserve(more: number, watermark: number): void {
    if (this.used + more > this.tags.length * loadMax) this.rebuild(watermark, more);
  }

  /** The slot that holds the fingerprint, or the empty one where it belongs. */
  private slot(low: number, high: number): number {
    const slots = this.tags.length;
    let slot = Math.floor((low * slots) / 0x1_0000_0000);
    while (this.tags[slot] !== 0 && (this.low[slot] !== low || this.high[slot] !== high)) {
      slot += 1;
      if (slot === slots) slot = 0;
    }
    return slot;
  }

  private rebuild(watermark: number, more: number): void {
    const { low, high, tags, buckets } = this;
    const live = buckets.map((bucket) => this.isLive(bucket, watermark));
    let held = 0;
    for (const tag of tags) if (tag !== 0 && live[tag - 1]) held += 1;
    const load = held + more < sparseIdsMax ? loadAfterGrowth / 2 : loadAfterGrowth;
    const slots = Math.max(slotsMin, Math.ceil((held + more) / load));
    this.low = new Uint32Array(slots);
    this.high = new Uint32Array(slots);
    this.tags = new Uint16Array(slots);
    this.used = held;
    this.buckets = buckets.filter((_, index) => live[index]);
    this.indexes = new Map(this.buckets.map((bucket, index) => [bucket, index]));
    const moved = buckets.map((bucket) => this.indexes.get(bucket) ?? -1);
    for (let from = 0; from < tags.length; from += 1) {
      const tag = tags[from] as number;
      if (tag === 0 || !live[tag - 1]) continue;
      const slot = this.slot(low[from] as number, high[from] as number);
      this.low[slot] = low[from] as number;
      this.high[slot] = high[from] as number;
      this.tags[slot] = (moved[tag - 1] as number) + 1;
    }
  }
}
