import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flightsPath } from '../../local-app/flights-file.ts';
import { flights } from '../../local-app/flights-source.ts';
import { compareRows } from './compare.ts';
import { type Oracle, openOracle } from './duckdb.ts';

const first = 20_000;
let oracle: Oracle;

beforeAll(async () => {
  oracle = await openOracle(flightsPath(), first);
});
afterAll(() => oracle.close());

describe('the oracle', () => {
  it('finds the late flights that a plain loop finds', async () => {
    const late = { hour: [] as number[], day: [] as number[] };
    let watermark = Number.NEGATIVE_INFINITY;
    let count = 0;
    for await (const { numbers, rows } of flights()) {
      for (const [index, { date }] of rows.entries()) {
        if (count++ >= first) break;
        const time = Date.parse(date);
        const row = numbers[index] ?? 0;
        if (Date.parse(`${date.slice(0, 13)}:00Z`) + 2 * 3_600_000 <= watermark)
          late.hour.push(row);
        if (Date.parse(date.slice(0, 10)) + 25 * 3_600_000 <= watermark) late.day.push(row);
        watermark = Math.max(watermark, time);
      }
      if (count >= first) break;
    }
    expect(late.hour.length).toBeGreaterThan(500);
    expect(late.day.length).toBeGreaterThan(0);
    expect(await oracle.late('hour', 1)).toEqual(late.hour.sort((a, b) => a - b));
    expect(await oracle.late('day', 1)).toEqual(late.day.sort((a, b) => a - b));
  });

  it('finds 201,933 late ones among all 3,000,000, an hour being allowed', async () => {
    const whole = await openOracle(flightsPath());
    expect(whole.flights).toBe(3_000_000);
    expect(await whole.late('hour', 1)).toHaveLength(201_933);
    whole.close();
  });

  it('counts every flight once, and the late ones not where they are left out', async () => {
    const sum = (rows: readonly { flights: number }[]) =>
      rows.reduce((total, row) => total + row.flights, 0);
    expect(oracle.flights).toBe(first);
    expect(sum(await oracle.byOrigin())).toBe(first);
    expect(sum(await oracle.byRoute())).toBe(first);
    const late = (await oracle.late('hour', 1)).length;
    expect(sum(await oracle.byOrigin({ latenessHours: 1 }))).toBe(first - late);
    const lateByDay = (await oracle.late('day', 1)).length;
    expect(sum(await oracle.byRoute({ latenessHours: 1 }))).toBe(first - lateByDay);
  });

  it('gives rows as plain objects, by start and key', async () => {
    const [origin] = await oracle.byOrigin();
    expect(origin).toEqual({
      origin: 'ANC',
      start: '2001-01-01T00:00:00.000Z',
      flights: expect.any(Number),
      delaySum: expect.any(Number),
      delayMin: expect.any(Number),
      delayMax: expect.any(Number),
      distance: expect.any(Number),
    });
    const [route] = await oracle.byRoute();
    expect(route).toEqual({
      origin: 'ABE',
      route: 'ABE-ATL',
      start: '2001-01-01T00:00:00.000Z',
      flights: expect.any(Number),
    });
  });
});

describe('compareRows', () => {
  const row = (key: string, value: number) => ({ key, value });
  const keyOf = ({ key }: { readonly key: string }) => key;

  it('finds nothing in equal rows, in any order', () => {
    const rows = [row('a', 1), row('b', 2)];
    expect(compareRows(rows, rows.toReversed(), keyOf)).toEqual([]);
  });

  it('names what is missing, different, too much and twice', () => {
    const expected = [row('a', 1), row('b', 2), row('c', 3)];
    const actual = [row('b', 2), row('b', 2), row('c', 4), row('d', 5)];
    expect(compareRows(expected, actual, keyOf)).toEqual([
      'b: twice in the actual rows',
      'a: missing, expected {"key":"a","value":1}',
      'c: expected {"key":"c","value":3}, got {"key":"c","value":4}',
      'd: not expected, got {"key":"d","value":5}',
    ]);
    expect(compareRows(expected, actual, keyOf, 1)).toEqual([
      'b: twice in the actual rows',
      'and 3 more',
    ]);
  });
});
