import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TopValue } from '../../core/measure/measure.ts';
import { quantileName } from '../../core/measure/quantiles.ts';
import { flightsPath } from '../../local-app/flights-file.ts';
import type { Finished, Processed } from '../../local-app/run.ts';
import { isNearest } from '../core/measure/rational.ts';
import { type Flat, rowsOf, runFlights } from './checks.ts';
import { type Oracle, openOracle } from './duckdb.ts';
import { edges, measured, shares } from './measured.ts';

const flights = 200_000;
let oracle: Oracle;
let finished: Finished;
let byOrigin: ReadonlyMap<string, Flat>;
let whole: Flat;

const keyOf = ({ start, origin }: Flat): string => `${start.slice(0, 10)} ${origin}`;

beforeAll(async () => {
  oracle = await openOracle(flightsPath(), flights);
  finished = await runFlights(flightsPath(), flights, measured, 4);
  const [one] = finished.pipelines as [Processed];
  byOrigin = new Map((await rowsOf(one, 'byOrigin')).map((row) => [keyOf(row), row]));
  whole = (await rowsOf(one, 'whole'))[0]!;
});
afterAll(() => {
  finished.close();
  oracle.close();
});

const id = `'flights-3m.parquet:' || "row"::BIGINT`;

interface Named {
  readonly name: string;
}

/** Holds each row of an aggregate by origin and day against that of the view; none may be missing. */
async function eachRow<Expected extends Named>(
  columns: string,
  check: (found: Flat, expected: Expected) => void,
): Promise<void> {
  const rows = await oracle.ask<Expected>(
    `SELECT strftime(date, '%Y-%m-%d') || ' ' || origin AS name, ${columns} FROM flights GROUP BY name`,
  );
  expect(rows.length).toBe(byOrigin.size);
  for (const expected of rows) {
    const found = byOrigin.get(expected.name);
    expect(found, expected.name).toBeDefined();
    check(found as Flat, expected);
  }
}

/** The counts of a column's values, of all flights. */
async function countsOf(column: string, where = 'true'): Promise<Map<string, number>> {
  const rows = await oracle.ask<{ value: string; count: number }>(
    `SELECT ${column} AS value, count(*)::DOUBLE AS count FROM flights WHERE ${where} GROUP BY value`,
  );
  return new Map(rows.map(({ value, count }) => [value, count]));
}

/** The values at the places floor(q (n - 1)). */
const exactQuantiles = shares
  .map((share) => `sorted[1 + (${Math.round(share * 1e6)} * (len(sorted) - 1)) // 1000000]`)
  .map((sql) => `(${sql})::DOUBLE`)
  .join(', ');

function expectQuantiles(found: unknown, exact: readonly number[]): void {
  for (const [i, share] of shares.entries()) {
    const [is, wanted] = [(found as Record<string, number>)[quantileName(share)]!, exact[i]!];
    expect(Math.abs(is - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 0.01);
  }
}

describe(`the measures of the first ${flights} flights, against DuckDB`, () => {
  it('are of every flight', () => {
    expect(byOrigin.size).toBeGreaterThan(1_000);
    expect(whole['flights']).toBe(flights);
  });

  it('have the correctly rounded variance of exact sums', async () => {
    const sums = 'count(*) AS n, sum(delay) AS s, sum(delay::HUGEINT * delay) AS q';
    const isRight = (variance: unknown, n: bigint, s: bigint, q: bigint): boolean =>
      isNearest(variance as number, n * q - s * s, n * n);
    type Sums = Named & { readonly n: bigint; readonly s: bigint; readonly q: bigint };
    await eachRow<Sums>(sums, ({ variance }, { n, s, q }) => {
      expect(isRight(variance, BigInt(n), BigInt(s), BigInt(q))).toBe(true);
    });
    const [all] = await oracle.ask<{ d: number }>('SELECT stddev_pop(delay) AS d FROM flights');
    expect(whole['stddev']).toBeCloseTo(all!.d, 9);
  });

  it('have quantiles within 1 % of the exact ones', async () => {
    type Exact = Named & { readonly exact: readonly number[] };
    const list = `list_transform([list_sort(list(delay))], sorted -> [${exactQuantiles}])[1] AS exact`;
    await eachRow<Exact>(list, ({ quantiles }, { exact }) => expectQuantiles(quantiles, exact));
    const [all] = await oracle.ask<Exact>(`SELECT 'all' AS name, ${list} FROM flights`);
    expectQuantiles(whole['quantiles'], all!.exact);
  });

  it('have the counts of each bucket of delays', async () => {
    const bounds = [null, ...edges, null];
    const filters = bounds.slice(1).map((end, i) => {
      const [from, to] = [bounds[i] ?? -1e9, end ?? 1e9];
      return `(count(*) FILTER (delay >= ${from} AND delay < ${to}))::DOUBLE`;
    });
    type Counts = Named & { readonly counts: readonly number[] };
    await eachRow<Counts>(`[${filters.join(', ')}] AS counts`, ({ histogram }, { counts }) => {
      const names = ['below', ...edges.map((edge) => `from${edge}`)];
      expect(histogram).toEqual(Object.fromEntries(names.map((name, i) => [name, counts[i]])));
    });
  });

  it('have the number of distinct values: the same while there are few, then close to it', async () => {
    type Count = Named & { readonly count: number };
    await eachRow<Count>('count(DISTINCT destination)::DOUBLE AS count', (found, { count }) => {
      expect(found['destinations']).toBe(count);
    });
    const routes = (await countsOf("origin || '-' || destination")).size;
    expect(Math.abs((whole['routes'] as number) / routes - 1)).toBeLessThan(4 * 0.01625);
    expect(Math.abs((whole['ids'] as number) / flights - 1)).toBeLessThan(4 * 0.01625);
  });

  it('have the most frequent values: the same while there are few, then within their bounds', async () => {
    for (const name of ['2001-01-02 ORD', '2001-01-03 SFO', '2001-01-05 ABE']) {
      const [day, origin] = name.split(' ');
      const where = `origin = '${origin}' AND strftime(date, '%Y-%m-%d') = '${day}'`;
      const counts = [...(await countsOf('destination', where))].sort(
        ([a, one], [b, other]) => other - one || (a < b ? -1 : 1),
      );
      const top = counts.slice(0, 5).map(([value, count]) => ({ value, count, error: 0 }));
      expect(byOrigin.get(name)?.['top']).toEqual(top);
    }
    const counts = await countsOf("origin || '-' || destination");
    const top = whole['top'] as readonly TopValue[];
    expect(counts.size).toBeGreaterThan(1_000);
    expect(top).toHaveLength(10);
    for (const { value, count, error } of top) {
      const is = counts.get(String(value)) ?? 0;
      expect(is).toBeLessThanOrEqual(count);
      expect(is).toBeGreaterThanOrEqual(count - error);
      expect(error).toBeLessThanOrEqual(flights / 80);
    }
  });

  it('have the values of the first and the last flight, ties by id', async () => {
    const ends =
      `first(destination ORDER BY date, ${id}) AS first, ` +
      `last(distance::DOUBLE ORDER BY date, ${id}) AS last`;
    type Ends = Named & { readonly first: string; readonly last: number };
    await eachRow<Ends>(ends, (found, { first, last }) => {
      expect({ first: found['first'], last: found['last'] }).toEqual({ first, last });
    });
  });
});
