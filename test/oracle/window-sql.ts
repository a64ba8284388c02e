import { type Counted, isLate, rfc3339 } from './duckdb.ts';

/** Flights by origin in windows of three hours that start every hour; one is late when its hour is. */
export function hopsSql({ latenessHours }: Counted): string {
  const late = latenessHours === undefined ? 'false' : isLate('hour', latenessHours);
  return `SELECT origin, strftime(start, ${rfc3339}) AS start,
      strftime(start + INTERVAL 3 hour, ${rfc3339}) AS "end",
      count(*)::DOUBLE AS flights, sum(delay)::DOUBLE AS delay
    FROM (
      SELECT origin, delay, date_trunc('hour', date) - to_hours(unnest([0, 1, 2])) AS start
      FROM flights WHERE NOT ${late}
    ) GROUP BY origin, start`;
}

/** Stretches of flights from one origin, none 45 minutes after the one before; cut at midnight if over 24 hours. */
export function sessionsSql({ latenessHours }: Counted): string {
  const late =
    latenessHours === undefined
      ? 'false'
      : `coalesce(date + INTERVAL ${latenessHours} hour <= watermark, false)`;
  const gap = 'INTERVAL 45 minute';
  return `WITH counted AS (
      SELECT origin, date, delay FROM flights WHERE NOT ${late}
    ), marked AS (
      SELECT *, coalesce(
        date >= lag(date) OVER (PARTITION BY origin ORDER BY date) + ${gap}, true
      ) AS opens
      FROM counted
    ), chained AS (
      SELECT *, sum(opens::INT) OVER (
        PARTITION BY origin ORDER BY date ROWS UNBOUNDED PRECEDING
      ) AS chain
      FROM marked
    ), measured AS (
      SELECT *, max(date) OVER chains + ${gap} - min(date) OVER chains > INTERVAL 24 hour AS long
      FROM chained WINDOW chains AS (PARTITION BY origin, chain)
    ), pieces AS (
      SELECT *, CASE WHEN long THEN date_trunc('day', date) END AS day FROM measured
    )
    SELECT origin, strftime(min(date), ${rfc3339}) AS start,
      strftime(least(max(date) + ${gap}, day + INTERVAL 24 hour), ${rfc3339}) AS "end",
      count(*)::DOUBLE AS flights, sum(delay)::DOUBLE AS delay
    FROM pieces GROUP BY origin, chain, day`;
}
