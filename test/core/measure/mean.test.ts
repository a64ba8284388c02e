import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quotient } from '../../../core/measure/decimal.ts';
import { columnOf, decoded, encoded, numbers } from './columns.ts';
import { isNearest, unitsOf } from './rational.ts';

function mean(values: readonly number[], scale = 0): number | null {
  return columnOf({ kind: 'mean', scale }, values).result(0) as number | null;
}

test('the mean of nothing is null', () => {
  expect(mean([])).toBeNull();
  expect(columnOf({ kind: 'mean', scale: 0 }, []).json(0)).toBe('null');
});

test.each<[number[], number, number]>([
  [[1, 2], 0, 1.5],
  [[1, 1, 2], 0, 4 / 3],
  [[0.1, 0.2], 1, 0.15],
  [[0.1, 0.2, 0.3], 1, 0.2],
  [[-1, 1], 0, 0],
  [[-0], 0, 0],
  [[2 ** 53 - 1, 2 ** 53 - 1], 0, 2 ** 53 - 1],
  [[2 ** 53 - 1, 2 ** 53 - 3], 0, 2 ** 53 - 2],
  [[9007199254740991, 9007199254740991, 9007199254740990], 0, 9007199254740991],
])('the mean of %j at scale %i is %d', (values, scale, expected) => {
  expect(mean(values, scale)).toBe(expected);
});

test('the reference knows the nearest double', () => {
  expect(isNearest(0.1, 1n, 10n)).toBe(true);
  expect(isNearest(0.10000000000000002, 1n, 10n)).toBe(false);
  expect(isNearest(9007199254740992, 9007199254740993n, 1n)).toBe(true);
  expect(isNearest(9007199254740994, 9007199254740993n, 1n)).toBe(false);
  expect(isNearest(0, 0n, 7n)).toBe(true);
});

test('a mean is the double nearest to the exact quotient, ties to even', () => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 30 }), fc.nat(12), (values, scale) => {
      const units = values.reduce((total, value) => total + unitsOf(value, scale), 0n);
      const bottom = BigInt(values.length) * 10n ** BigInt(scale);
      expect(isNearest(mean(values, scale)!, units, bottom)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('quotients of large integers are correctly rounded', () => {
  const units = fc.bigInt({ min: -(2n ** 120n), max: 2n ** 120n });
  fc.assert(
    fc.property(units, fc.maxSafeInteger().map(Math.abs), fc.nat(12), (top, under, scale) => {
      const count = Math.max(1, under);
      const exact = Number.isSafeInteger(Number(top)) ? Number(top) : top;
      const bottom = BigInt(count) * 10n ** BigInt(scale);
      expect(isNearest(quotient(exact, count, scale), top, bottom)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('quotients that lie exactly between two doubles go to the even one', () => {
  for (let i = 0n; i < 200n; i += 1n) {
    const between = 2n ** 54n + 2n * i + 1n;
    expect(isNearest(quotient(between, 1, 0), between, 1n)).toBe(true);
    expect(isNearest(quotient(between * 1_000n, 1_000, 0), between, 1n)).toBe(true);
    expect(isNearest(quotient(-between * 3n, 12, 0), -between, 4n)).toBe(true);
  }
});

test('quotients a hair beside the middle of two doubles go to the nearer one', () => {
  for (let i = 0n; i < 50n; i += 1n) {
    const between = 2n ** 54n + 2n * i + 1n;
    for (const count of [2 ** 20 + 1, 2 ** 40 + 7, 2 ** 53 - 1]) {
      for (const hair of [1n, -1n]) {
        const units = between * BigInt(count) + hair;
        expect(isNearest(quotient(units, count, 0), units, BigInt(count))).toBe(true);
      }
    }
  }
});

test('a mean of fewer than no values is damaged', () => {
  const subject = { kind: 'mean', scale: 0 } as const;
  const bytes = encoded(columnOf(subject, [1, 2]));
  // The sum, then the count: one byte each, the sign in bit 6.
  expect([...bytes]).toEqual([3, 2]);
  expect(() => decoded(subject, Uint8Array.of(3, 0x42))).toThrow(/^the column: a count below 0/);
});
