import { expect, it } from 'vitest';
import { parseDigits, type ShownRow, viewTable } from '../../cli/view-table.ts';

function tableOf(...measures: object[]): string[] {
  const rows = measures.map((one) => ({
    ...{ start: '2026-01-01T00:00:00.000Z', end: '2026-01-01T01:00:00.000Z' },
    ...{ final: true, key: {} },
    measures: one,
  }));
  return viewTable(parseDigits(JSON.stringify(rows)) as ShownRow[]).split('\n');
}

it('gives each number of a measure a column, with a dash where a row has none', () => {
  const lines = tableOf({ delay: null, n: 0 }, { delay: { p50: 12.5, 'p99.9': 80 }, n: 2 });
  expect(lines[0]).toBe('start (UTC)       delay.p50  delay.p99.9  n');
  expect(lines[1]).toBe('2026-01-01 00:00          -            -  0');
  expect(lines[2]).toBe('2026-01-01 00:00       12.5           80  2');
});

it('marks an overflow row in a column of its own, which a key can not look like', () => {
  const row = { start: '2026-01-01T00:00:00.000Z', end: '2026-01-01T01:00:00.000Z', final: true };
  const rows = [
    { ...row, key: { who: '-' }, overflow: false, measures: { n: 1 } },
    { ...row, key: { who: null }, overflow: true, measures: { n: 2 } },
  ];
  const shown = (of: readonly object[]) =>
    viewTable(parseDigits(JSON.stringify(of)) as ShownRow[]).split('\n');
  expect(shown(rows)).toEqual([
    'start (UTC)       who  overflow  n',
    '2026-01-01 00:00  -    -         1',
    '2026-01-01 00:00  -    yes       2',
  ]);
  expect(shown(rows.slice(0, 1))[0]).toBe('start (UTC)       who  n');
});

it('says the most frequent values in one cell, and how sure their counts are', () => {
  const top = [
    { value: 'SFO', count: 12, error: 0 },
    { value: 'a\nb', count: 9, error: 2 },
  ];
  const lines = tableOf({ top }, { top: [] });
  expect(lines[1]).toBe('2026-01-01 00:00  SFO 12, a\ufffdb 9 (7 or more)');
  expect(lines[2]).toBe('2026-01-01 00:00  -');
});
