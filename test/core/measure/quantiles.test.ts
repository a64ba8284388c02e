import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logBucketOf, logBuckets, logBucketValue } from '../../../core/measure/log-buckets.ts';
import type { Members } from '../../../core/measure/measure.ts';
import { quantileName } from '../../../core/measure/quantiles.ts';
import { columnOf, decoded, encoded, merged, numbers } from './columns.ts';

const at = [0, 0.001, 0.25, 0.5, 0.95, 0.99, 0.999, 1];
const subject = { kind: 'quantiles', scale: 0, at } as const;
const zeroBelow = 2 ** -30;

/** By the definition: the value at place floor(q (n - 1)), in integers so that it is exact. */
function exactly(sorted: readonly number[], share: number): number {
  const place = (BigInt(Math.round(share * 1e6)) * BigInt(sorted.length - 1)) / 1_000_000n;
  return sorted[Number(place)]!;
}

/** The greatest relative error; a value nearer to 0 than 2^-30 must be 0. */
function errorOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = columnOf(subject, values).result(0) as Members;
  return Math.max(
    ...at.map((share) => {
      const [is, wanted] = [found[quantileName(share)]!, exactly(sorted, share)];
      if (Math.abs(wanted) < zeroBelow) return is === 0 ? 0 : Number.POSITIVE_INFINITY;
      return Math.abs(is - wanted) / Math.abs(wanted);
    }),
  );
}

test('of nothing, they are null', () => {
  expect(columnOf(subject, []).result(0)).toBeNull();
  expect(columnOf(subject, []).json(0)).toBe('null');
});

test('they are named as percentages', () => {
  expect([0, 0.05, 0.5, 0.999, 0.0001, 0.29, 1].map(quantileName)).toEqual([
    'p0',
    'p5',
    'p50',
    'p99.9',
    'p0.01',
    'p29',
    'p100',
  ]);
});

test('they are within 1 % of the exact ones, of whatever values', () => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 60 }), (values) => {
      expect(errorOf(values)).toBeLessThan(0.01);
    }),
    { numRuns: 2_000 },
  );
});

describe('adversarial values', () => {
  const many = 20_000;
  const made = (of: (i: number) => number) => Array.from({ length: many }, (_, i) => of(i));
  test.each<[string, number[]]>([
    ['ascending', made((i) => i)],
    ['descending below 0', made((i) => -i)],
    ['all the same', made(() => 42)],
    ['two far apart', made((i) => (i % 2 === 0 ? -(2 ** 53 - 1) : 1e-9))],
    ['over all sizes', made((i) => 1.0042 ** (i % 14_000) * 1e-9)],
    ['heavy tailed', made((i) => Math.round(1_000 / (1 - i / many)))],
    ['around 0', made((i) => (i - many / 2) / many)],
    ['at the ends of buckets', made((i) => logBucketValue(1 + (i % (logBuckets - 2))))],
  ])('%s stay within 1 %', (_, values) => {
    expect(errorOf(values)).toBeLessThan(0.01);
  });
});

test('the number of a rank is exact where arithmetic of doubles is not', () => {
  // 0.29 * 100 is 28.999999999999996.
  const values = Array.from({ length: 101 }, (_, i) => (i < 29 ? 1 : 1_000));
  const of29 = { ...subject, at: [0.29] };
  expect((columnOf(of29, values).result(0) as Members)['p29']).toBeCloseTo(1_000, -2);
});

describe('the buckets', () => {
  const all = Array.from({ length: logBuckets }, (_, i) => i);

  test('are as many as said, and hold their own middle', () => {
    expect(logBuckets).toBe(5_811);
    expect(all.map((bucket) => logBucketOf(logBucketValue(bucket)))).toEqual(all);
  });

  test('ascend with the values', () => {
    const values = all.map(logBucketValue);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(logBucketOf(low)).toBeLessThanOrEqual(logBucketOf(high));
      }),
    );
  });

  test('reach no further from their middle than 1 %, at either end', () => {
    let worst = 0;
    for (const bucket of all.slice((logBuckets + 1) / 2)) {
      const middle = logBucketValue(bucket);
      // The ends, found by halving between this middle and the next ones.
      for (const side of [0.97, 1.03]) {
        let [inside, outside] = [middle, middle * side];
        for (let i = 0; i < 60; i += 1) {
          const half = (inside + outside) / 2;
          if (outside < 2 ** 53 && logBucketOf(half) === bucket) inside = half;
          else outside = half;
        }
        worst = Math.max(worst, Math.abs(middle - inside) / inside);
      }
    }
    expect(worst).toBeLessThan(0.01);
    expect(worst).toBeGreaterThan(0.0099);
  });

  test('take the last value of an octave, and the greatest of all', () => {
    expect(logBucketOf(2 ** 53 - 1)).toBe(logBuckets - 1);
    expect(logBucketOf(-(2 ** 53 - 1))).toBe(0);
    for (let power = -30; power < 53; power += 1) {
      const next = 2 ** power;
      const before = next * (1 - 2 ** -53);
      expect(logBucketOf(next) - logBucketOf(before)).toBe(1);
    }
  });

  test('hold what is nearer to 0 than 2^-30 as 0', () => {
    for (const value of [0, -0, 1e-300, -Number.MIN_VALUE, zeroBelow * 0.999, 1e-10]) {
      expect(logBucketValue(logBucketOf(value))).toBe(0);
    }
    expect(logBucketValue(logBucketOf(zeroBelow))).toBeCloseTo(zeroBelow, 10);
  });
});

test('hundreds of thousands of values are merged as they are counted whole', () => {
  const values = Array.from({ length: 300_000 }, (_, i) => ((i * 7_919) % 100_003) - 20_000);
  const parts = [0, 1, 2].map((part) =>
    columnOf(
      subject,
      values.filter((_, i) => i % 3 === part),
    ),
  );
  const whole = columnOf(subject, values);
  expect(encoded(merged(subject, parts))).toEqual(encoded(whole));
  expect(encoded(decoded(subject, encoded(whole)))).toEqual(encoded(whole));
});

test('bytes of no sketch are damaged', () => {
  const read =
    (...bytes: number[]) =>
    () =>
      decoded(subject, Uint8Array.from(bytes));
  // One bucket, number 2905 (that of 0), once.
  expect([...encoded(columnOf(subject, [0]))]).toEqual([1, 0xd9, 0x16, 0]);
  expect(read(1, 0xb3, 0x2d, 0)).toThrow(/^the column: a number over 5810/);
  expect(read(2, 0xb2, 0x2d, 0, 0, 0)).toThrow(/^the column: a number over -1/);
  expect(read(0xff, 0x01, 0)).toThrow(/^the column: buckets that are not there/);
});
