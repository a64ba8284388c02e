import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fingerprints } from '../../../core/dedupe/fingerprints.ts';
import { type HorizonMark, markHorizon } from '../../../core/journal/state.ts';

const rule = { horizon: 50, bucketSize: 10 };
const entry = fc.record({
  buckets: fc.array(fc.integer({ min: -5, max: 30 }), { maxLength: 4 }),
  advance: fc.nat(60),
});

test('the first mark is the oldest entry that holds a live id, at every entry', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      let watermark = -100;
      let marks: readonly HorizonMark[] = [];
      for (const [index, { buckets, advance }] of entries.entries()) {
        watermark += advance;
        const fingerprints = new Fingerprints();
        for (const bucket of buckets) fingerprints.add(index, bucket, bucket);
        marks = markHorizon(marks, { index, watermark, fingerprints }, rule);
        const lives = (bucket: number) => (bucket + 1) * 10 + 50 > watermark;
        const oldest = entries.slice(0, index + 1).findIndex((one) => one.buckets.some(lives));
        expect(marks[0]?.index ?? -1).toBe(oldest);
      }
    }),
    { numRuns: 500 },
  );
});

test('without a horizon no entry is marked', () => {
  const fingerprints = new Fingerprints();
  fingerprints.add(1, 2, 3);
  const none = { horizon: 0, bucketSize: 10 };
  expect(markHorizon([], { index: 1, watermark: 0, fingerprints }, none)).toEqual([]);
});
