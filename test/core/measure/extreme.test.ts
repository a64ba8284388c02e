import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Scalar } from '../../../core/event.ts';
import { columnOf, decoded, encoded, numbers } from './columns.ts';

const min = (values: readonly Scalar[]) => columnOf({ kind: 'min', scale: 0 }, values);
const max = (values: readonly Scalar[]) => columnOf({ kind: 'max', scale: 0 }, values);

test('of nothing, both are null', () => {
  expect([min([]).result(0), max([]).result(0)]).toEqual([null, null]);
  expect([min([]).json(0), max([]).json(0)]).toEqual(['null', 'null']);
});

test('of numbers, they are the smallest and the largest', () => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1 }), (values) => {
      expect(min(values).result(0)).toBe(Math.min(...values) + 0);
      expect(max(values).result(0)).toBe(Math.max(...values) + 0);
    }),
  );
});

test('of texts, they are the first and the last by UTF-16 units', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (values) => {
      const sorted = [...values].sort();
      expect(min(values).result(0)).toBe(sorted[0]);
      expect(max(values).result(0)).toBe(sorted.at(-1));
    }),
  );
  expect(min(['10', '9', '']).result(0)).toBe('');
  expect(max(['10', '9', '']).result(0)).toBe('9');
});

test('all numbers stand before all texts', () => {
  for (const values of [
    [5, 'a', -3],
    ['a', 5, -3],
    [-3, 'a', 5],
  ]) {
    expect([min(values).result(0), max(values).result(0)]).toEqual([-3, 'a']);
  }
});

test('there is no negative zero', () => {
  expect(Object.is(min([-0]).result(0), 0)).toBe(true);
  expect(min([-0]).json(0)).toBe('0');
  expect(encoded(min([-0]))).toEqual(encoded(min([0])));
});

test('every digit of a number and every character of a text is in the JSON', () => {
  expect(max([0.1 + 0.2]).json(0)).toBe('0.30000000000000004');
  expect(max([1e-7]).json(0)).toBe('1e-7');
  expect(max(['"\\\u2028\u{1F600}\u0000']).json(0)).toBe('"\\"\\\\\u2028\u{1F600}\\u0000"');
});

test('bytes of no value that can be measured are damaged', () => {
  const subject = { kind: 'min', scale: 0 } as const;
  const read =
    (...bytes: number[]) =>
    () =>
      decoded(subject, Uint8Array.from(bytes));
  expect(read(99)).toThrow(/^the column: an unknown kind of value/);
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const double = new Uint8Array(new Float64Array([number]).buffer);
    expect(read(2, ...double)).toThrow(/^the column: a number that is not finite/);
  }
});
