import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Scalar } from '../../../core/event.ts';
import type { Column, TopValue } from '../../../core/measure/measure.ts';
import { columnOf, decoded, encoded, merged } from './columns.ts';

const subject = { kind: 'topK', scale: 0, k: 10 } as const;
const top = (column: Column) => column.result(0) as readonly TopValue[];

function counted(values: readonly Scalar[]): Map<Scalar, number> {
  const counts = new Map<Scalar, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** All that the docs promise of an answer, whatever the order. */
function expectBounds(column: Column, values: readonly Scalar[]): void {
  const counts = counted(values);
  const found = top(column);
  const share = values.length / (8 * subject.k);
  for (const { value, count, error } of found) {
    const is = counts.get(value) ?? 0;
    expect(is).toBeLessThanOrEqual(count);
    expect(is).toBeGreaterThanOrEqual(count - error);
    expect(error).toBeLessThanOrEqual(share);
  }
  const order = found.map(({ count }) => count);
  expect(order).toEqual([...order].sort((a, b) => b - a));
  expect(found.length).toBeLessThanOrEqual(subject.k);
  // The exact top: whoever has clearly more than the last of the answer must be in it.
  const least = found.length < subject.k ? 0 : Math.min(...order);
  for (const [value, count] of counts) {
    if (count > Math.max(least, share)) expect(found.map((one) => one.value)).toContain(value);
  }
}

test('of nothing, there are none', () => {
  expect(columnOf(subject, []).json(0)).toBe('[]');
});

test('while there are few values, it is exact, and equal counts stand by value', () => {
  const values = ['b', 'a', 'b', 7, 'a', true, '7', 7, 7];
  expect(columnOf(subject, values).json(0)).toBe(
    '[{"value":7,"count":3,"error":0},{"value":"a","count":2,"error":0},' +
      '{"value":"b","count":2,"error":0},{"value":true,"count":1,"error":0},' +
      '{"value":"7","count":1,"error":0}]',
  );
});

/** The k-th value comes about 1/k as often as the first. */
function zipf(count: number, values: number): number[] {
  const list: number[] = [];
  for (let i = 0; list.length < count; i += 1) {
    const value = Math.floor(values ** (((i * 0.618_033_988_75) % 1) ** 1)) - 1;
    list.push(value);
  }
  return list;
}

test('its bounds hold for real and adversarial orders', () => {
  const skewed = zipf(30_000, 5_000);
  const unlike = Array.from({ length: 5_000 }, (_, i) => `once-${i}`);
  const hidden = unlike.flatMap((value, i) => (i % 20 === 0 ? [value, 'often'] : [value]));
  for (const values of [
    skewed,
    [...skewed].sort((a, b) => a - b),
    [...skewed].sort((a, b) => b - a),
    unlike,
    hidden,
    // The frequent ones first, then so many others that every counter is pushed out.
    [...Array.from({ length: 300 }, (_, i) => i % 3), ...unlike],
    [...unlike, ...Array.from({ length: 300 }, (_, i) => i % 3)],
  ]) {
    expectBounds(columnOf(subject, values), values);
  }
});

test('its bounds hold for any tree of merges', () => {
  const values = zipf(20_000, 3_000);
  fc.assert(
    fc.property(fc.array(fc.nat(19_999), { maxLength: 12 }), fc.func(fc.nat(9)), (cuts, pick) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), values.length];
      let parts = ends.slice(1).map((end, i) => columnOf(subject, values.slice(ends[i], end)));
      while (parts.length > 1) {
        const [at = 0, other = 1] = [pick(parts.length) % (parts.length - 1), parts.length - 1];
        const both = merged(subject, [parts[at]!, parts[other]!]);
        parts = [...parts.filter((_, i) => i !== at && i !== other), both];
      }
      expectBounds(parts[0]!, values);
    }),
    { numRuns: 40 },
  );
});

test('beyond its counters a merge is still the same from both sides, and reads back', () => {
  const values = zipf(9_000, 2_000);
  const parts = [values.slice(0, 4_000), values.slice(4_000)].map((some) =>
    columnOf(subject, some),
  );
  const [left, right] = [merged(subject, parts), merged(subject, parts.toReversed())];
  expect(encoded(left)).toEqual(encoded(right));
  expect(encoded(decoded(subject, encoded(left)))).toEqual(encoded(left));
  expect(top(left)[0]!.error).toBeGreaterThan(0);
});

test('bytes of no summary are damaged', () => {
  const read =
    (...bytes: number[]) =>
    () =>
      decoded(subject, Uint8Array.from(bytes));
  // One value, none missed: the integer 5, twice.
  expect([...encoded(columnOf(subject, [5, 5]))]).toEqual([1, 0, 1, 5, 2]);
  expect(read(1, 0, 1, 5, 0)).toThrow(/^the column: a value that never came/);
  expect(read(2, 0, 1, 5, 1, 1, 5, 1)).toThrow(/^the column: values that are not in order/);
  expect(read(1, 0, 0, 1)).toThrow(/^the column: values that are not in order/);
  expect(read(0xa1, 0x01, 0)).toThrow(/^the column: a number over 160/);
});
