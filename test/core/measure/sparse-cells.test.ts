import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SparseCells } from '../../../core/measure/sparse-cells.ts';

const rows = 3;
const addition = fc.record({
  row: fc.nat(rows - 1),
  key: fc.oneof(fc.nat(40), fc.integer({ min: 2 ** 32 - 40, max: 2 ** 32 - 1 })),
  count: fc.integer({ min: 1, max: 2 ** 40 }),
  /** Whether somebody looks before it. */
  look: fc.boolean(),
});

/** The cells of a row as a plain map keeps them. */
function expected(all: readonly { row: number; key: number; count: number }[], freeBits: number) {
  const cells = new Map<number, { key: number; count: number }>();
  for (const { key, count } of all) {
    const name = Math.floor(key / 2 ** freeBits);
    const held = cells.get(name) ?? { key: 0, count: 0 };
    cells.set(name, { key: Math.max(key, held.key), count: held.count + count });
  }
  return [...cells.values()].sort((a, b) => a.key - b.key);
}

function cellsOf(cells: SparseCells, row: number) {
  const { keys, counts, from, to } = cells.row(row);
  return Array.from({ length: to - from }, (_, i) => {
    return { key: keys[from + i]!, count: counts[from + i]! };
  });
}

test.each([0, 6])('cells are those of a map, the lowest %i bits aside', (freeBits) => {
  fc.assert(
    fc.property(fc.array(addition, { maxLength: 60 }), (all) => {
      const cells = new SparseCells({ freeBits });
      cells.grow(rows);
      for (const { row, key, count, look } of all) {
        if (look) cells.settle();
        cells.add(row, key, count);
      }
      for (let row = 0; row < rows; row += 1) {
        const mine = all.filter((one) => one.row === row);
        expect(cellsOf(cells, row)).toEqual(expected(mine, freeBits));
      }
    }),
  );
});

test('many additions to few and to many keys take no more room than their cells', () => {
  for (const keys of [10, 5_000]) {
    const cells = new SparseCells({ freeBits: 0 });
    cells.grow(1);
    for (let i = 0; i < 200_000; i += 1) cells.add(0, (i * 7_919) % keys, 1);
    expect(cells.bytes()).toBeLessThan(2_048 * 16 + keys * 12 * 4);
    expect(cellsOf(cells, 0)).toHaveLength(keys);
    expect(cellsOf(cells, 0).every(({ count }) => count === 200_000 / keys)).toBe(true);
  }
});

test('cells of a row that are spilled are no longer there', () => {
  const spilled: number[] = [];
  const cells = new SparseCells({
    freeBits: 0,
    spill(row, { keys, from, to }) {
      if (to - from < 3) return false;
      spilled.push(row, ...keys.subarray(from, to));
      return true;
    },
  });
  cells.grow(rows);
  for (const [row, key] of [
    [0, 5],
    [1, 9],
    [1, 7],
    [1, 8],
    [2, 4],
  ] as const)
    cells.add(row, key, 1);
  expect([0, 1, 2].map((row) => cellsOf(cells, row).map(({ key }) => key))).toEqual([[5], [], [4]]);
  expect(spilled).toEqual([1, 7, 8, 9]);
});
