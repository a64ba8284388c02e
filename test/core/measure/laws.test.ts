import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measures } from '../../../core/measure/measures.ts';
import {
  columnOfGiven,
  decoded,
  encoded,
  type Given,
  givenOf,
  measureOf,
  merged,
  seen,
  subjects,
} from './columns.ts';

test('every measure is held to the laws', () => {
  expect(new Set(subjects.map(({ kind }) => kind))).toEqual(new Set(Object.keys(measures)));
});

describe.each(subjects)('$kind of scale $scale', (subject) => {
  const values = fc.array(givenOf(subject), { maxLength: 12 });
  const of = (list: readonly Given[]) => columnOfGiven(subject, list);
  const both = (...parts: readonly (readonly Given[])[]) => merged(subject, parts.map(of));

  test('merging nothing changes nothing', () => {
    fc.assert(
      fc.property(values, (a) => {
        expect(seen(both(a, []))).toEqual(seen(of(a)));
        expect(seen(both([], a))).toEqual(seen(of(a)));
      }),
    );
  });

  test('the order of a merge does not matter', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(seen(both(a, b))).toEqual(seen(both(b, a)));
      }),
    );
  });

  test('the grouping of merges does not matter', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const left = merged(subject, [both(a, b), of(c)]);
        const right = merged(subject, [of(a), both(b, c)]);
        expect(seen(left)).toEqual(seen(right));
      }),
    );
  });

  test('any split of the values, in any order, equals the whole', () => {
    fc.assert(
      fc.property(values, fc.func(fc.nat(3)), fc.func(fc.nat()), (all, partOf, rankOf) => {
        const parts: Given[][] = [[], [], [], []];
        const shuffled = all
          .map((value, i) => ({ value, rank: rankOf(i) }))
          .sort((a, b) => a.rank - b.rank);
        for (const [i, { value }] of shuffled.entries()) parts[partOf(i)]!.push(value);
        expect(seen(both(...parts))).toEqual(seen(of(all)));
      }),
    );
  });

  test('what is written reads back, and is written the same again', () => {
    fc.assert(
      fc.property(values, (all) => {
        const bytes = encoded(of(all));
        const again = decoded(subject, bytes);
        expect(encoded(again)).toEqual(bytes);
        expect(seen(again)).toEqual(seen(of(all)));
      }),
    );
  });

  test('rows do not touch each other, and are written in the order asked for', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 2, maxLength: 5 }), (rows) => {
        const column = measureOf(subject).create(subject);
        for (const [row, list] of rows.entries()) {
          column.grow(row + 1);
          for (const { value, stamp } of list) column.add(row, value, stamp);
        }
        const again = decoded(subject, encoded(column, rows.length), rows.length);
        for (const [row, list] of rows.entries()) {
          expect(column.json(row)).toBe(of(list).json(0));
          expect(again.json(row)).toBe(of(list).json(0));
          expect(again.result(row)).toEqual(of(list).result(0));
        }
      }),
    );
  });

  test('rows compare as their results do, nothing first', () => {
    const rank = (result: unknown) =>
      result === null ? 0 : ['boolean', 'number', 'string'].indexOf(typeof result) + 1;
    fc.assert(
      fc.property(values, values, (a, b) => {
        const column = measureOf(subject).create(subject);
        column.grow(2);
        for (const { value, stamp } of a) column.add(0, value, stamp);
        for (const { value, stamp } of b) column.add(1, value, stamp);
        const [left, right] = [column.result(0), column.result(1)];
        const order = Math.sign(column.compare(0, 1));
        expect(order + Math.sign(column.compare(1, 0))).toBe(0);
        if (measureOf(subject).members !== undefined) expect(order).toBe(0);
        else if (rank(left) !== rank(right))
          expect(order).toBe(Math.sign(rank(left) - rank(right)));
        else if (left !== null && right !== null && left !== right) {
          expect(order).toBe(left < right ? -1 : 1);
        }
      }),
    );
  });

  test('bytes cut short are damaged, not another number', () => {
    fc.assert(
      fc.property(fc.array(givenOf(subject), { minLength: 1, maxLength: 4 }), (all) => {
        const bytes = encoded(of(all));
        for (let length = 0; length < bytes.length; length += 1) {
          expect(() => decoded(subject, bytes.subarray(0, length))).toThrow(/^the column: /);
        }
      }),
      { numRuns: 30 },
    );
  });
});
