import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Scalar } from '../../../core/event.ts';
import { columnOfGiven, decoded, encoded, type Given, givenOf } from './columns.ts';

const first = { kind: 'first', scale: 0 } as const;
const last = { kind: 'last', scale: 0 } as const;
const at = (time: number, id: string, value: Scalar): Given => ({ value, stamp: { time, id } });
const both = (...all: Given[]) => [
  columnOfGiven(first, all).result(0),
  columnOfGiven(last, all).result(0),
];

test('of nothing, both are null', () => {
  expect(both()).toEqual([null, null]);
  expect(columnOfGiven(last, []).json(0)).toBe('null');
});

test('event time decides, not the order of arrival', () => {
  expect(both(at(5, 'a', 'middle'), at(9, 'b', 'late'), at(1, 'c', 'early'))).toEqual([
    'early',
    'late',
  ]);
});

test('of one time, the id decides, as text; of one event, the value', () => {
  expect(both(at(5, '10', 'x'), at(5, '9', 'y'))).toEqual(['x', 'y']);
  expect(both(at(5, 'a', 2), at(5, 'a', 'text'), at(5, 'a', 10), at(5, 'a', false))).toEqual([
    false,
    'text',
  ]);
});

test('they are the ends of the events in order', () => {
  const name = ({ value, stamp: { time, id } }: Given) => ({ time, id, value });
  const less = (a: Scalar, b: Scalar) => (a < b ? -1 : a > b ? 1 : 0);
  const rank = (value: Scalar) => ['boolean', 'number', 'string'].indexOf(typeof value);
  fc.assert(
    fc.property(fc.array(givenOf(first), { minLength: 1 }), (all) => {
      const sorted = all.map(name).sort((a, b) => {
        const values = rank(a.value) - rank(b.value) || less(a.value, b.value);
        return a.time - b.time || less(a.id, b.id) || values;
      });
      const plain = (value: Scalar) => (value === 0 ? 0 : value);
      expect(both(...all)).toEqual([plain(sorted[0]!.value), plain(sorted.at(-1)!.value)]);
    }),
  );
});

test('bytes of no event are damaged', () => {
  const read =
    (...bytes: number[]) =>
    () =>
      decoded(last, Uint8Array.from(bytes));
  // The integer 7 at time 3 of the event 'a'.
  expect([...encoded(columnOfGiven(last, [at(3, 'a', 7)]))]).toEqual([1, 7, 3, 1, 1, 97]);
  const late = columnOfGiven(last, [at(253_402_300_800_000, 'a', 7)]);
  expect(() => decoded(last, encoded(late))).toThrow(/^the column: a time out of range/);
  expect(read(1, 7, 3, 2, 1, 97)).toThrow(/^the column: texts of another length/);
  expect(read(99)).toThrow(/^the column: an unknown kind of value/);
});
