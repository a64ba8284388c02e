import { isDeepStrictEqual } from 'node:util';

/**
 * The first differences between two sets of rows, one line each; none means that they are the same. Rows are matched
 * by key, so their order does not matter, but a key that appears twice on one side is a difference.
 *
 * @param keyOf the text that names a row.
 * @param most how many differences to list; a last line counts the others.
 */
export function compareRows<Row>(
  expected: Iterable<Row>,
  actual: Iterable<Row>,
  keyOf: (row: Row) => string,
  most: number = 10,
): string[] {
  const differences: string[] = [];
  const wanted = byKey(expected, keyOf, 'expected', differences);
  const found = byKey(actual, keyOf, 'actual', differences);
  for (const [key, row] of wanted) {
    if (!found.has(key)) differences.push(`${key}: missing, expected ${JSON.stringify(row)}`);
    else if (!isDeepStrictEqual(row, found.get(key))) {
      const got = JSON.stringify(found.get(key));
      differences.push(`${key}: expected ${JSON.stringify(row)}, got ${got}`);
    }
  }
  for (const [key, row] of found) {
    if (!wanted.has(key)) differences.push(`${key}: not expected, got ${JSON.stringify(row)}`);
  }
  const others = differences.length - most;
  return others > 0 ? [...differences.slice(0, most), `and ${others} more`] : differences;
}

function byKey<Row>(
  rows: Iterable<Row>,
  keyOf: (row: Row) => string,
  side: string,
  differences: string[],
): Map<string, Row> {
  const map = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    if (map.has(key)) differences.push(`${key}: twice in the ${side} rows`);
    map.set(key, row);
  }
  return map;
}
