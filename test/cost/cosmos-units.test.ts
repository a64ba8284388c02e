import { expect, test } from 'vitest';
import { createUnits, queryUnits, readUnits, replaceUnits } from '../../cost/cosmos-units.ts';

const kilobyte = 1_024;

test('items of 1 and 100 KB cost what is documented', () => {
  expect(readUnits(kilobyte)).toBe(1);
  expect(readUnits(100 * kilobyte)).toBe(10);
  expect(createUnits(kilobyte)).toBe(5);
  expect(createUnits(100 * kilobyte)).toBe(50);
  expect(replaceUnits(kilobyte)).toBe(10);
  expect(replaceUnits(100 * kilobyte)).toBe(100);
});

test('an item below 1 KB costs as much as one of 1 KB', () => {
  for (const bytes of [0, 1, 500, kilobyte - 1]) expect(readUnits(bytes)).toBe(1);
});

test('between and beyond the documented sizes the cost is a straight line', () => {
  expect(readUnits(50.5 * kilobyte)).toBeCloseTo(5.5, 9);
  expect(readUnits(199 * kilobyte)).toBeCloseTo(19, 9);
  expect(readUnits(kilobyte + 1)).toBeGreaterThan(1);
});

test('a query costs something even for nothing, and then as much as reading its items', () => {
  expect(queryUnits([])).toBe(2.3);
  expect(queryUnits([0, kilobyte, 100 * kilobyte])).toBeCloseTo(2.3 + 12, 9);
});
