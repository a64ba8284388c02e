import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { flightsPath } from '../../local-app/flights-file.ts';
import { type FlightPlace, flights } from '../../local-app/flights-source.ts';
import { openOracle } from './duckdb.ts';
import { compareOrder } from './flights-order.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-flights-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of flights: the rows of a query on the real ones, in small row groups. */
async function fileOf(name: string, query: string): Promise<string> {
  const path = join(folder, `${name}.parquet`);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const source = `read_parquet('${flightsPath()}', file_row_number = true)`;
  await connection.run(`CREATE VIEW source AS SELECT * FROM ${source} LIMIT 20000`);
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  connection.closeSync();
  return path;
}

/** The places of all flights, in the order in which they are delivered. */
async function placesOf(path: string, after?: FlightPlace): Promise<FlightPlace[]> {
  const places: FlightPlace[] = [];
  for await (const { arrival, numbers, rows } of flights({ path, after })) {
    expect(rows).toHaveLength(numbers.length);
    for (const row of numbers) places.push({ arrival, row });
  }
  return places;
}

describe('the flights in the order of arrival', () => {
  it('are the first 250,000 that SQL finds, field by field', async () => {
    const oracle = await openOracle(flightsPath(), 250_000);
    const check = await compareOrder(oracle, flightsPath(), false);
    oracle.close();
    expect(check).toMatchObject({ same: 250_000, difference: null });
  });

  it.each([
    ['real', 'SELECT * FROM source'],
    ['punctual', 'SELECT * REPLACE (0 AS delay) FROM source'],
  ])('go on after any flight, across row groups (%s)', async (name, query) => {
    const path = await fileOf(name, query);
    const places = await placesOf(path);
    expect(places).toHaveLength(20_000);
    for (const index of [0, 1, 2_047, 2_048, 9_731, 15_000, 19_998, 19_999]) {
      expect(await placesOf(path, places[index])).toEqual(places.slice(index + 1));
    }
  });

  it('are whole where a flight is very early, and where nothing happens for days', async () => {
    const path = await fileOf(
      'gaps',
      `SELECT CASE WHEN date > '2001-01-01 09:00' THEN date + INTERVAL 9 day ELSE date END AS date,
         CASE WHEN file_row_number % 4999 = 0 THEN -1500 ELSE delay END AS delay,
         distance, origin, destination FROM source ORDER BY file_row_number`,
    );
    const oracle = await openOracle(path);
    const check = await compareOrder(oracle, path, true);
    oracle.close();
    expect(check).toMatchObject({ same: 20_000, difference: null });
  });

  it.each([
    ['unsorted', 'SELECT * FROM source ORDER BY delay', /it is not sorted by date: see row \d+$/],
    ['columnless', 'SELECT date, delay, origin FROM source', /no column distance, destination$/],
    [
      'null',
      'SELECT date, delay, distance, NULL::VARCHAR AS origin, destination FROM source',
      /row 1/,
    ],
    [
      'seconds',
      'SELECT * REPLACE (date + INTERVAL 1 second AS date) FROM source',
      /no whole minute$/,
    ],
  ])('can not be had from a file that is %s', async (name, query, message) => {
    const path = await fileOf(name, query);
    await expect(placesOf(path)).rejects.toMatchObject({
      code: 'request',
      message: expect.stringMatching(message),
    });
  });
});
