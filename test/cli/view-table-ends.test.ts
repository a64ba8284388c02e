import { expect, it } from 'vitest';
import { parseDigits, type ShownRow, viewTable } from '../../cli/view-table.ts';

function tableOf(...rows: readonly (readonly [start: string, end: string])[]): string[] {
  const shown = rows.map(([start, end]) => ({
    ...{ start: `2001-01-01T${start}:00.000Z`, end: `2001-01-01T${end}:00.000Z` },
    ...{ final: true, key: {}, measures: { n: 1 } },
  }));
  return viewTable(parseDigits(JSON.stringify(shown)) as ShownRow[]).split('\n');
}

it('a table tells the end of windows that differ in length', () => {
  const [head, first, second] = tableOf(['12:00', '12:05'], ['12:10', '12:40']);
  expect(head).toMatch(/^start \(UTC\) +end \(UTC\) +n$/);
  expect(first).toMatch(/12:00.*12:05 +1$/);
  expect(second).toMatch(/12:10.*12:40 +1$/);
});

it('a table does not tell the end of windows of one length', () => {
  const [head] = tableOf(['12:00', '12:05'], ['12:05', '12:10']);
  expect(head).toMatch(/^start \(UTC\) +n$/);
});
