import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** A row of: flights by origin and hour. */
export interface OriginHour {
  readonly origin: string;
  /** RFC 3339 in UTC with milliseconds, like all times here. */
  readonly start: string;
  readonly flights: number;
  /** The mean delay, correctly rounded, is `delaySum / flights`: both are exact. */
  readonly delaySum: number;
  readonly delayMin: number;
  readonly delayMax: number;
  readonly distance: number;
}

/** A row of: flights by origin, route and day. */
export interface RouteDay {
  readonly origin: string;
  /** Origin and destination, `SFO-LAX`. */
  readonly route: string;
  readonly start: string;
  readonly flights: number;
}

/** A flight as the oracle reads it, in the order of arrival. */
export interface OracleFlight {
  /** The row number in the file, from 1. */
  readonly row: number;
  /** Epoch milliseconds. */
  readonly arrival: number;
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** Which flights count. */
export interface Counted {
  /**
   * If given, the late ones do not: on one partition in the order of arrival, with an out-of-orderness bound of 0, a
   * flight is late if the end of its window plus this many hours is not after the watermark before it.
   */
  readonly latenessHours?: number;
}

/** What the pipeline must answer, by SQL alone. Rows come sorted by start, then key. */
export interface Oracle {
  /** How many flights there are. */
  readonly flights: number;
  byOrigin(counted?: Counted): Promise<OriginHour[]>;
  byRoute(counted?: Counted): Promise<RouteDay[]>;
  /** The row numbers of the late flights, ascending. */
  late(window: 'hour' | 'day', latenessHours: number): Promise<number[]>;
  /** The rows of any query on the table `flights`. */
  ask<Row>(sql: string): Promise<Row[]>;
  /** All flights in the order of arrival, in pieces. */
  inOrder(): AsyncGenerator<OracleFlight[]>;
  close(): void;
}

/**
 * The oracle over a Parquet file of flights: an independent computation in DuckDB, in memory.
 *
 * @param first only so many flights, the first in the order of arrival. Default: all of them.
 */
export async function openOracle(path: string, first?: number): Promise<Oracle> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await connection.run(tableOf(path, first));
  const [total] = await objects<{ flights: number }>(
    connection,
    'SELECT count(*)::DOUBLE AS flights FROM flights',
  );
  return {
    flights: total?.flights ?? 0,
    byOrigin: (counted) => objects(connection, byOrigin(counted)),
    byRoute: (counted) => objects(connection, byRoute(counted)),
    ask: (sql) => objects(connection, sql),
    async late(window, latenessHours) {
      const sql = `SELECT row FROM flights WHERE ${isLate(window, latenessHours)} ORDER BY row`;
      return (await objects<{ row: number }>(connection, sql)).map(({ row }) => row);
    },
    async *inOrder() {
      const result = await connection.stream(inOrder);
      for await (const rows of result.yieldRowObjectJs()) yield rows as unknown as OracleFlight[];
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** How SQL formats the times of rows. */
export const rfc3339: string = "'%Y-%m-%dT%H:%M:%S.%gZ'";

/** Each flight with the watermark before it: the greatest date of those that arrived earlier. */
function tableOf(path: string, first: number | undefined): string {
  return `CREATE TABLE flights AS
    WITH numbered AS (
      SELECT (file_row_number + 1)::DOUBLE AS row, date, date + to_minutes(delay) AS arrival,
        delay, distance, origin, destination
      FROM read_parquet('${path.replaceAll("'", "''")}', file_row_number = true)
    ), chosen AS (
      SELECT * FROM numbered ${first === undefined ? '' : `ORDER BY arrival, row LIMIT ${first}`}
    )
    SELECT *, max(date) OVER (
      ORDER BY arrival, row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS watermark
    FROM chosen`;
}

/** SQL for a flight that is late. Of the first flight of all the watermark is null, and it is not late. */
export function isLate(window: 'hour' | 'day', latenessHours: number): string {
  const end = `date_trunc('${window}', date) + INTERVAL 1 ${window}`;
  return `coalesce(${end} + INTERVAL ${latenessHours} hour <= watermark, false)`;
}

function where(window: 'hour' | 'day', { latenessHours }: Counted = {}): string {
  return latenessHours === undefined ? '' : `WHERE NOT ${isLate(window, latenessHours)}`;
}

function byOrigin(counted: Counted | undefined): string {
  return `SELECT origin, strftime(date_trunc('hour', date), ${rfc3339}) AS start,
      count(*)::DOUBLE AS flights, sum(delay)::DOUBLE AS "delaySum",
      min(delay)::DOUBLE AS "delayMin", max(delay)::DOUBLE AS "delayMax",
      sum(distance)::DOUBLE AS distance
    FROM flights ${where('hour', counted)} GROUP BY ALL ORDER BY start, origin`;
}

function byRoute(counted: Counted | undefined): string {
  return `SELECT origin, origin || '-' || destination AS route,
      strftime(date_trunc('day', date), ${rfc3339}) AS start, count(*)::DOUBLE AS flights
    FROM flights ${where('day', counted)} GROUP BY ALL ORDER BY start, origin, route`;
}

const inOrder = `SELECT row, epoch_ms(arrival)::DOUBLE AS arrival,
    strftime(date, ${rfc3339}) AS date, delay::DOUBLE AS delay, distance::DOUBLE AS distance,
    origin, destination
  FROM flights ORDER BY flights.arrival, row`;

async function objects<Row>(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
}
