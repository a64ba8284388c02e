import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf, decoded, numbers } from './columns.ts';

const edges = [-0.5, 0, 15, 60];
const subject = { kind: 'histogram', scale: 0, edges } as const;

test('of nothing, every bucket has 0', () => {
  expect(columnOf(subject, []).json(0)).toBe(
    '{"below":0,"from-0.5":0,"from0":0,"from15":0,"from60":0}',
  );
});

test('an edge belongs to the bucket that begins there', () => {
  const values = [-7, -0.5, -0.25, -0, 0, 14.999, 15, 59, 60, 61, 2 ** 53 - 1];
  expect(columnOf(subject, values).result(0)).toEqual({
    ...{ below: 1, 'from-0.5': 2, from0: 3, from15: 2, from60: 3 },
  });
});

test('each bucket counts what a filter finds', () => {
  const ascending = fc.uniqueArray(numbers, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(ascending, fc.array(numbers), (some, values) => {
      const sorted = [...new Set(some.map((edge) => edge + 0))].sort((a, b) => a - b);
      const column = columnOf({ kind: 'histogram', scale: 0, edges: sorted }, values);
      const bounds = [Number.NEGATIVE_INFINITY, ...sorted, Number.POSITIVE_INFINITY];
      const expected = bounds.slice(1).map((end, i) => {
        return values.filter((value) => value >= bounds[i]! && value < end).length;
      });
      expect(Object.values(column.result(0) as object)).toEqual(expected);
    }),
  );
});

test('a bucket that the definition does not have is damaged', () => {
  expect(() => decoded(subject, Uint8Array.of(1, 5, 0))).toThrow(/^the column: a number over 4/);
});
