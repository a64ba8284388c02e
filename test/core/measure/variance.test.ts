import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf, decoded, encoded, numbers } from './columns.ts';
import { isNearest, unitsOf } from './rational.ts';

function spread(kind: 'variance' | 'stddev', values: readonly number[], scale = 0): number | null {
  return columnOf({ kind, scale }, values).result(0) as number | null;
}

test('of nothing, both are null', () => {
  expect([spread('variance', []), spread('stddev', [])]).toEqual([null, null]);
  expect(columnOf({ kind: 'variance', scale: 0 }, []).json(0)).toBe('null');
});

test.each<[number[], number, number]>([
  [[5], 0, 0],
  [[1, 2], 0, 0.25],
  [[2, 4, 4, 4, 5, 5, 7, 9], 0, 4],
  [[0.1, 0.2, 0.3], 1, 0.02 / 3],
  [[-0, 0], 0, 0],
  // Doubles would lose all of it: the squares have 106 bits and differ in the last ones.
  [[2 ** 53 - 1, 2 ** 53 - 3], 0, 1],
  [[1_000_000_000.01, 1_000_000_000.03], 2, 0.0001],
  // Squares just beyond 2^53, where a double has lost their last bit.
  [[134_217_729, 134_217_727], 0, 1],
  [[94_906_267, 94_906_269, 94_906_271], 0, 8 / 3],
])('the population variance of %j at scale %i is %d', (values, scale, expected) => {
  expect(spread('variance', values, scale)).toBe(expected);
  expect(spread('stddev', values, scale)).toBe(Math.sqrt(expected));
});

test('a variance is the double nearest to the exact one, ties to even', () => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 20 }), fc.nat(12), (values, scale) => {
      const units = values.map((value) => unitsOf(value, scale));
      const count = BigInt(units.length);
      const sum = units.reduce((a, b) => a + b, 0n);
      // From the distances to the mean, each times n: another way than by the sum of squares.
      const top = units.reduce((all, one) => all + (one * count - sum) ** 2n, 0n);
      const bottom = count ** 3n * 10n ** BigInt(2 * scale);
      expect(isNearest(spread('variance', values, scale)!, top, bottom)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('a count or a sum of squares that can not be is damaged', () => {
  const subject = { kind: 'variance', scale: 0 } as const;
  expect([...encoded(columnOf(subject, [1, 2]))]).toEqual([2, 3, 5]);
  const read = (...bytes: number[]) => decoded(subject, Uint8Array.from(bytes));
  expect(() => read(0x42, 3, 5)).toThrow(/^the column: a count below 0/);
  expect(() => read(2, 3, 0x45)).toThrow(/^the column: a sum of squares/);
  expect(() => read(0, 0, 5)).toThrow(/^the column: a sum of squares/);
});
