import type { Reader, Writer } from '../bytes.ts';
import type { Seen } from './seen.ts';

/** An array of 64 bytes is cheap to make, and an entry may touch many buckets. */
const lanesMin = 16;

/** The ids of one bucket: two lanes each, `used` lanes in all. */
interface Group {
  at: Uint32Array;
  used: number;
}

/** Fingerprints in the order they were added, grouped by bucket of event time: what an entry keeps of its ids. */
export class Fingerprints {
  /** Two uint32 lanes per id, by bucket number. */
  private readonly lanes = new Map<number, Group>();
  /** The group of the last id: most often that of the next one too. */
  private lastBucket = Number.NaN;
  private lastGroup: Group | undefined;
  private ids = 0;

  get size(): number {
    return this.ids;
  }

  /** The numbers of the buckets, in the order they were first met. */
  buckets(): number[] {
    return [...this.lanes.keys()];
  }

  add(low: number, high: number, bucket: number): void {
    let group = bucket === this.lastBucket ? this.lastGroup : this.lanes.get(bucket);
    if (group === undefined) {
      group = { at: new Uint32Array(lanesMin), used: 0 };
      this.lanes.set(bucket, group);
    }
    this.lastBucket = bucket;
    this.lastGroup = group;
    if (group.used === group.at.length) {
      const grown = new Uint32Array(group.at.length * 2);
      grown.set(group.at);
      group.at = grown;
    }
    group.at[group.used] = low;
    group.at[group.used + 1] = high;
    group.used += 2;
    this.ids += 1;
  }

  /** Adds all to a set, those of buckets dead at `watermark` left out. */
  addTo(seen: Seen, watermark: number): void {
    for (const [bucket, { at, used }] of this.lanes) seen.addAll(at, used, bucket, watermark);
  }

  /** Buckets and their sizes, then 8 bytes per id, little-endian. */
  encode(out: Writer): void {
    out.unsigned(this.lanes.size);
    for (const [bucket, { used }] of this.lanes) {
      out.signed(bucket);
      out.unsigned(used / 2);
    }
    for (const { at, used } of this.lanes.values()) {
      out.raw(new Uint8Array(at.buffer, at.byteOffset, used * 4));
    }
  }

  /** @throws MillraceError `damaged` for anything that `encode` can't have written. */
  static decode(from: Reader): Fingerprints {
    const fingerprints = new Fingerprints();
    const sizes: (readonly [bucket: number, size: number])[] = [];
    for (let left = from.unsigned(from.left); left > 0; left -= 1) {
      sizes.push([from.integer(), from.unsigned(from.left)]);
    }
    for (const [bucket, size] of sizes) {
      // Not `slice`: that of a Buffer shares its pool.
      const bytes = new Uint8Array(from.raw(size * 8));
      if (fingerprints.lanes.has(bucket)) throw from.damaged('a bucket of ids twice');
      fingerprints.lanes.set(bucket, { at: new Uint32Array(bytes.buffer), used: size * 2 });
      fingerprints.ids += size;
    }
    return fingerprints;
  }
}
