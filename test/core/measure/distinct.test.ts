import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sparseMax } from '../../../core/measure/distinct.ts';
import { estimate, fineWord, raise, registers } from '../../../core/measure/registers.ts';
import { columnOf, decoded, encoded, merged } from './columns.ts';

const subject = { kind: 'distinct', scale: 0 } as const;
const names = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `user-${from + i}`);
/** The standard error that the docs state, 1.04 / 64. */
const standardError = 1.04 / Math.sqrt(registers);

test('few are counted one by one', () => {
  for (const count of [0, 1, 2, 10, 100, 511, sparseMax]) {
    expect(columnOf(subject, [...names(0, count), ...names(0, count)]).result(0)).toBe(count);
  }
});

test('texts, numbers and booleans of the same text are different values', () => {
  expect(columnOf(subject, ['1', 1, 'true', true, '', 'false', false]).result(0)).toBe(7);
  expect(columnOf(subject, [0, -0, 1, 1.0]).result(0)).toBe(2);
});

describe('many are estimated', () => {
  const streams = 12;
  // Registers of one stream, read whenever it has grown to the next size.
  const errors = new Map<number, number[]>();
  for (let stream = 0; stream < streams; stream += 1) {
    const of = new Uint8Array(registers);
    let size = 0;
    for (const next of [513, 1_000, 3_000, 10_000, 30_000, 100_000, 400_000]) {
      for (; size < next; size += 1) raise(of, fineWord(`${stream}/${size}`));
      const list = errors.get(next) ?? [];
      list.push(estimate(of) / next - 1);
      errors.set(next, list);
    }
  }

  test.each([...errors])('without bias and within the stated error of %i', (_, list) => {
    const mean = list.reduce((sum, error) => sum + error, 0) / streams;
    const square = list.reduce((sum, error) => sum + error ** 2, 0) / streams;
    expect(Math.abs(mean)).toBeLessThan((3 * standardError) / Math.sqrt(streams));
    expect(Math.sqrt(square)).toBeLessThan(standardError * 1.6);
    expect(Math.max(...list.map(Math.abs))).toBeLessThan(4 * standardError);
  });
});

test('adversarial values are as good as any: in order, nearly the same, long, and far beyond the rows', () => {
  const long = 'x'.repeat(900);
  for (const of of [
    (i: number) => i,
    (i: number) => -i / 1_024,
    (i: number) => `${long}${i}`,
    (i: number) => '\u0000'.repeat(i % 997) + String.fromCharCode(32 + Math.floor(i / 997)),
    (i: number) => 2 ** 53 - 1 - i,
  ]) {
    const values = Array.from({ length: 5_000 }, (_, i) => of(i));
    const error = (columnOf(subject, values).result(0) as number) / new Set(values).size - 1;
    expect(Math.abs(error)).toBeLessThan(4 * standardError);
  }
});

test('its estimate of no and of all registers is finite or plainly endless', () => {
  expect(estimate(new Uint8Array(registers))).toBe(0);
  expect(estimate(new Uint8Array(registers).fill(1))).toBeGreaterThan(registers);
  expect(estimate(new Uint8Array(registers).fill(53))).toBe(Number.POSITIVE_INFINITY);
});

describe('across the border between few and many', () => {
  const counts = fc.integer({ min: 0, max: 1_100 });

  test('any order and any split give the same bytes', () => {
    fc.assert(
      fc.property(fc.tuple(counts, counts, counts), fc.tuple(counts, counts, counts), (a, b) => {
        const parts = a.map((start, i) => names(start, start + b[i]! / 2));
        const whole = columnOf(subject, parts.flat());
        const reversed = columnOf(subject, parts.flat().reverse());
        const columns = parts.map((values) => columnOf(subject, values));
        const left = merged(subject, columns);
        const right = merged(subject, [merged(subject, columns.slice(1)), columns[0]!]);
        for (const other of [reversed, left, right]) {
          expect(encoded(other)).toEqual(encoded(whole));
          expect(other.result(0)).toBe(whole.result(0));
        }
        expect(encoded(decoded(subject, encoded(whole)))).toEqual(encoded(whole));
      }),
      { numRuns: 150 },
    );
  });

  test('one value more makes coarse registers of them, which are at most 4,096 bytes', () => {
    expect(encoded(columnOf(subject, names(0, sparseMax))).length).toBeLessThan(2_300);
    expect(encoded(columnOf(subject, names(0, sparseMax + 1))).length).toBe(2 + registers);
  });

  test('a row that was asked in between goes on counting', () => {
    const column = columnOf(subject, []);
    const stamp = { time: 0, id: '' };
    for (const [i, name] of names(0, 3_000).entries()) {
      column.add(0, name, stamp);
      if (i % 100 === 0 && i < sparseMax) expect(column.result(0)).toBe(i + 1);
      else if (i % 100 === 0) column.result(0);
    }
    expect(column.result(0)).toBe(columnOf(subject, names(0, 3_000)).result(0));
  });
});

test('bytes of no registers are damaged', () => {
  const read =
    (...bytes: number[]) =>
    () =>
      decoded(subject, Uint8Array.from(bytes));
  expect(read(1, 0x01)).not.toThrow();
  // A rank of 0, one over 39, and a register twice.
  expect(read(1, 0x40)).toThrow(/^the column: a register out of place/);
  expect(read(1, 0x28)).toThrow(/^the column: a register out of place/);
  expect(read(2, 0x01, 0x01)).toThrow(/^the column: a register out of place/);
  expect(read(0x82, 0x04)).toThrow(/^the column: a number over 513/);
  expect(read(0x81, 0x04, 1, 2)).toThrow(/^the column: registers that are not there/);
  expect(read(0x81, 0x04, ...new Uint8Array(registers).fill(54))).toThrow(
    /a register out of range/,
  );
});
