import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fingerprints } from '../../../core/dedupe/fingerprints.ts';
import { Seen } from '../../../core/dedupe/seen.ts';

/** What `Seen` must be: every id with its last bucket, and the rule of life. */
class Model {
  private readonly held = new Map<string, number>();
  private readonly horizon: number;
  private readonly bucketSize: number;

  constructor(horizon: number, bucketSize: number) {
    this.horizon = horizon;
    this.bucketSize = bucketSize;
  }

  private lives(bucket: number | undefined, watermark: number): boolean {
    if (bucket === undefined || this.horizon === 0) return false;
    return (bucket + 1) * this.bucketSize + this.horizon > watermark;
  }

  has(low: number, high: number, watermark: number): boolean {
    return this.lives(this.held.get(`${low} ${high}`), watermark);
  }

  add(low: number, high: number, bucket: number, watermark: number): void {
    if (this.lives(bucket, watermark)) this.held.set(`${low} ${high}`, bucket);
  }
}

/** Lanes that collide often in the table: few values, near each other, at both ends. */
const lane = fc.oneof(
  fc.nat(30),
  fc.nat(30).map((n) => 0xffff_ffff - n),
  fc.nat(0xffff_ffff),
);
const step = fc.record({
  low: lane,
  high: fc.oneof(fc.nat(3), lane),
  bucket: fc.integer({ min: -3, max: 12 }),
  advance: fc.nat(15),
});

/** Adds by the way that an entry's ids go. */
function addOne(seen: Seen, low: number, high: number, bucket: number, watermark: number): void {
  const ids = new Fingerprints();
  ids.add(low, high, bucket);
  ids.addTo(seen, watermark);
}

test('the set is the naive one, as the watermark advances and the table grows', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 400 }),
      fc.constantFrom(0, 1, 50, 1_000),
      fc.array(fc.nat(400), { maxLength: 3 }),
      (steps, horizon, reserves) => {
        const seen = new Seen(horizon, 10);
        const model = new Model(horizon, 10);
        let watermark = -100;
        for (const [i, { low, high, bucket, advance }] of steps.entries()) {
          if (reserves.includes(i)) seen.reserve(200, watermark);
          expect(seen.has(low, high, watermark)).toBe(model.has(low, high, watermark));
          if (i % 3 === 0) addOne(seen, low, high, bucket, watermark);
          else seen.add(low, high, bucket, watermark);
          model.add(low, high, bucket, watermark);
          expect(seen.has(low, high, watermark)).toBe(model.has(low, high, watermark));
          watermark += advance;
        }
        for (const { low, high } of steps) {
          expect(seen.has(low, high, watermark)).toBe(model.has(low, high, watermark));
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('a bucket dies exactly when the watermark reaches its end + horizon', () => {
  const seen = new Seen(100, 10);
  seen.add(1, 2, 5, 0);
  expect([159, 160].map((watermark) => seen.has(1, 2, watermark))).toEqual([true, false]);
  seen.add(3, 4, 5, 160);
  expect(seen.has(3, 4, 0)).toBe(false);
});

test('an id that comes again after its death lives in its new bucket', () => {
  const seen = new Seen(100, 10);
  seen.add(1, 2, 0, 0);
  seen.add(1, 2, 30, 110);
  expect(seen.has(1, 2, 200)).toBe(true);
  expect(seen.size).toBe(1);
});

test('600,000 ids take at most 20 bytes each, and are all found', () => {
  const ids = 600_000;
  const seen = new Seen(3_600_000, 450_000);
  const lanes = (i: number) =>
    [Math.imul(i, 2_654_435_761) >>> 0, Math.imul(i, 40_503) >>> 0] as const;
  let most = 0;
  for (let i = 0; i < ids; i += 1) {
    seen.add(...lanes(i), Math.floor(i / 75_000), 0);
    // Small tables may be sparser: they are small.
    if (i >= 300_000) most = Math.max(most, seen.bytes / seen.size);
  }
  expect(most).toBeLessThanOrEqual(20);
  expect(seen.size).toBe(ids);
  let found = 0;
  for (let i = 0; i < ids; i += 1) if (seen.has(...lanes(i), 0)) found += 1;
  expect(found).toBe(ids);
  let strangers = 0;
  for (let i = ids; i < ids + 100_000; i += 1) if (seen.has(...lanes(i), 0)) strangers += 1;
  expect(strangers).toBe(0);
});

test('memory does not grow with the length of the stream, only with the ids that live', () => {
  const seen = new Seen(8_000, 1_000);
  let most = 0;
  for (let i = 0; i < 400_000; i += 1) {
    // 1,000 ids per bucket of a second; nine or ten buckets live.
    const time = i;
    seen.add(Math.imul(i, 2_654_435_761) >>> 0, i, seen.bucketOf(time), time);
    most = Math.max(most, seen.bytes);
  }
  expect(most).toBeLessThanOrEqual(10_000 * 2 * 40);
});

test('room reserved is room enough, and none is taken twice', () => {
  const seen = new Seen(1_000, 10);
  seen.reserve(100_000, 0);
  const { bytes } = seen;
  for (let i = 0; i < 100_000; i += 1) seen.add(Math.imul(i, 2_654_435_761) >>> 0, i, 0, 0);
  expect(seen.bytes).toBe(bytes);
  expect(bytes / 100_000).toBeLessThanOrEqual(20);
});

test('fingerprints enter a set unless their bucket is dead', () => {
  const ids = new Fingerprints();
  for (let i = 0; i < 50; i += 1) ids.add(i, 0, i % 5);
  const seen = new Seen(10, 10);
  ids.addTo(seen, 40);
  const found = Array.from({ length: 50 }, (_, i) => i).filter((i) => seen.has(i, 0, 40));
  expect(found).toEqual(Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 5 >= 3));
  expect(ids.buckets()).toEqual([0, 1, 2, 3, 4]);
});

test('after a burst and 65,534 quiet buckets, a set still takes many ids of one bucket at once', () => {
  const seen = new Seen(80, 10);
  for (let i = 0; i < 60_000; i += 1) seen.add(Math.imul(i, 2_654_435_761) >>> 0, i, 0, 0);
  for (let bucket = 1; bucket < 65_534; bucket += 1) {
    seen.add(Math.imul(bucket, 40_503) >>> 0, bucket, bucket, bucket * 10);
  }
  const ids = new Fingerprints();
  for (let i = 0; i < 1_000; i += 1) ids.add(Math.imul(i, 2_654_435_761) >>> 0, ~i >>> 0, 65_534);
  ids.addTo(seen, 655_340);
  const found = (i: number) => seen.has(Math.imul(i, 2_654_435_761) >>> 0, ~i >>> 0, 655_340);
  expect(Array.from({ length: 1_000 }, (_, i) => i).every(found)).toBe(true);
});
