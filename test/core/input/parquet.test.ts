import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { newFile, readAll, valuesOf } from './read.ts';

/** A Parquet file that DuckDB makes of a query. */
async function parquet(query: string, options = ''): Promise<string> {
  const path = newFile('x.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet${options})`);
  connection.closeSync();
  return path;
}

describe('Parquet', () => {
  it('becomes JSON: instants RFC 3339, integers numbers while they are safe, nulls absent', async () => {
    const path = await parquet(`SELECT 'a' AS id,
      TIMESTAMP '2001-01-02 03:04:05.678901' AS micros, TIMESTAMP_MS '1969-12-31 23:59:59.999' AS ms,
      TIMESTAMP '1969-12-31 23:59:59.9999' AS early, TIMESTAMP_NS '2001-01-02 03:04:05.678901234' AS ns,
      TIMESTAMPTZ '2001-01-02 03:04:05+02:00' AS zoned, DATE '2001-02-03' AS day,
      42::BIGINT AS small, 9007199254740993::BIGINT AS large, 7::UTINYINT AS tiny,
      18446744073709551615::UBIGINT AS huge, 0.1::DOUBLE AS dbl, 'nan'::DOUBLE AS nan,
      true AS yes, NULL::INT AS nothing, 'text' AS txt, '\\x01\\xFF'::BLOB AS bin,
      [1, NULL, 3]::BIGINT[] AS list, {'a': 1::BIGINT, 'b': NULL::INT} AS struct`);
    expect(await valuesOf({ path })).toEqual([
      {
        id: 'a',
        micros: '2001-01-02T03:04:05.678Z',
        ms: '1969-12-31T23:59:59.999Z',
        early: '1969-12-31T23:59:59.999Z',
        ns: '2001-01-02T03:04:05.678Z',
        zoned: '2001-01-02T01:04:05.000Z',
        day: '2001-02-03T00:00:00.000Z',
        small: 42,
        large: '9007199254740993',
        tiny: 7,
        huge: '18446744073709551615',
        dbl: 0.1,
        nan: 'NaN',
        yes: true,
        txt: 'text',
        bin: 'Af8=',
        list: [1, null, 3],
        struct: { a: 1 },
      },
    ]);
  });

  it('has its decimals exact, and refuses those that a double can not hold', async () => {
    const values = await valuesOf({
      path: await parquet(
        'SELECT i::VARCHAR AS id, (i / 1000)::DECIMAL(15, 3) AS d FROM range(-500, 500) t(i)',
      ),
    });
    expect(values).toHaveLength(1000);
    for (const value of values as { id: string; d: number }[]) {
      expect(value.d).toBe(Number(value.id) / 1000);
    }
    const path = await parquet('SELECT 1234567890123456.78::DECIMAL(30, 2) AS d');
    await expect(readAll({ path })).rejects.toMatchObject({
      code: 'request',
      message: expect.stringContaining('column d has more than 15 digits'),
    });
  });

  it.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli'])(
    'is read whole and in order from several row groups, compressed by %s',
    async (codec) => {
      const path = await parquet(
        'SELECT i AS n, i % 7 AS d, CASE WHEN i % 3 = 0 THEN NULL ELSE i::VARCHAR END AS t FROM range(10000) r(i)',
        `, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048`,
      );
      const rows = await readAll({ path });
      expect(rows).toHaveLength(10_000);
      for (const [i, { row, value }] of rows.entries()) {
        const text = i % 3 === 0 ? {} : { t: `${i}` };
        const expected = { n: i, d: i % 7, ...text, id: `x.parquet:${i + 1}` };
        if (row !== i + 1) expect(row).toBe(i + 1);
        if (JSON.stringify(value) !== JSON.stringify(expected)) expect(value).toEqual(expected);
      }
    },
  );

  it('that is none, or damaged, is an error', async () => {
    for (const content of ['', 'no parquet at all, but text that is long enough']) {
      await expect(readAll({ path: newFile('x.parquet', content) })).rejects.toMatchObject({
        code: 'request',
        message: expect.stringMatching(/^can't read .*x\.parquet as Parquet: /),
      });
    }
    const missing = readAll({ path: `${newFile('x')}.parquet` });
    await expect(missing).rejects.toMatchObject({ code: 'request' });
  });
});
