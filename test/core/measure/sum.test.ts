import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf, numbers } from './columns.ts';
import { decimalText, unitsOf } from './rational.ts';

function sum(values: readonly number[], scale = 0): string {
  return columnOf({ kind: 'sum', scale }, values).json(0);
}

test.each<[number, number, string]>([
  [0, 0, '0'],
  [-0, 2, '0'],
  [0.5, 0, '1'],
  [-0.5, 0, '-1'],
  [1.5, 0, '2'],
  [2.5, 0, '3'],
  [-2.5, 0, '-3'],
  [0.49999999999999994, 0, '0'],
  [-0.4, 0, '0'],
  [1.005, 2, '1.01'],
  [-1.005, 2, '-1.01'],
  [2.675, 2, '2.68'],
  [0.045, 2, '0.05'],
  [1.0049999999, 2, '1'],
  [1e-7, 7, '0.0000001'],
  [1e-7, 6, '0'],
  [5e-7, 6, '0.000001'],
  [4.9e-7, 6, '0'],
  [5e-324, 12, '0'],
  [4503599627370495.5, 0, '4503599627370496'],
  [4503599627370495.5, 12, '4503599627370495.5'],
  [9007199254740991, 12, '9007199254740991'],
  [12.5, 2, '12.5'],
  [100, 2, '100'],
  [1e15, 3, '1000000000000000'],
])('%d at scale %i is %s', (value, scale, text) => {
  expect(sum([value], scale)).toBe(text);
});

test('0.1 + 0.2 is 0.3, and ten times a tenth is one', () => {
  expect(sum([0.1, 0.2], 1)).toBe('0.3');
  expect(sum(Array(10).fill(0.1), 1)).toBe('1');
});

test('a sum goes beyond 2^53 and comes back without losing a unit', () => {
  const most = 2 ** 53 - 1;
  expect(sum([most, most, 1])).toBe('18014398509481983');
  expect(sum([most, most, most, -most, -most, 1])).toBe('9007199254740992');
  expect(sum([most, 1, -1, -most])).toBe('0');
  expect(sum([most, 0.1], 12)).toBe('9007199254740991.1');
});

test('texts such as 1e21 are no way to write a large sum', () => {
  const most = 2 ** 53 - 1;
  const many = Array(200_000).fill(most);
  expect(sum(many)).toBe(String(BigInt(most) * 200_000n));
  expect(sum(many)).toMatch(/^\d{22}$/);
});

test('a sum is the sum of bigints, whatever the numbers and the scale', () => {
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 40 }), fc.nat(12), (values, scale) => {
      const exact = values.reduce((total, value) => total + unitsOf(value, scale), 0n);
      expect(sum(values, scale)).toBe(decimalText(exact, scale));
    }),
    { numRuns: 1_000 },
  );
});

test('decimals of up to 15 digits count as they are written', () => {
  const decimal = fc.tuple(fc.integer({ min: -1e12, max: 1e12 }), fc.nat(12));
  fc.assert(
    fc.property(fc.array(decimal, { maxLength: 20 }), (decimals) => {
      const values = decimals.map(([units, scale]) => Number(`${units}e-${scale}`));
      const exact = decimals.reduce(
        (total, [units, scale]) => total + BigInt(units) * 10n ** BigInt(12 - scale),
        0n,
      );
      expect(sum(values, 12)).toBe(decimalText(exact, 12));
    }),
    { numRuns: 1_000 },
  );
});

test('the result as a number is the one nearest to the text', () => {
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 10 }), fc.nat(12), (values, scale) => {
      const column = columnOf({ kind: 'sum', scale }, values);
      expect(column.result(0)).toBe(Number(column.json(0)));
    }),
  );
});
