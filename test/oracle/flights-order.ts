import { basename } from 'node:path';
import { type Arrivals, type FlightPlace, flights } from '../../local-app/flights-source.ts';
import type { Oracle, OracleFlight } from './duckdb.ts';

/** What came of a comparison. */
export interface OrderCheck {
  /** How many flights were the same, before the first difference. */
  readonly same: number;
  /** The first difference; null if there is none. */
  readonly difference: string | null;
  /** The last flight that was the same. */
  readonly last: FlightPlace | null;
}

/**
 * Compares the flights of the demo source, one by one and field by field, with those of the oracle in the order of
 * arrival, up to the oracle's last one.
 *
 * @param whole whether the source must end there too.
 */
export async function compareOrder(
  oracle: Oracle,
  path: string,
  whole: boolean,
): Promise<OrderCheck> {
  const source = flights({ path });
  let minute: Arrivals | null = null;
  let at = 0;
  let same = 0;
  let last: FlightPlace | null = null;
  for await (const expected of oracle.inOrder()) {
    for (const flight of expected) {
      if (minute === null || at === minute.rows.length) {
        minute = (await source.next()).value ?? null;
        at = 0;
      }
      if (minute === null || !isSame(flight, minute, at, basename(path))) {
        const got = minute === null ? 'the end' : JSON.stringify([minute.arrival, minute.rows[at]]);
        return { same, last, difference: `expected ${JSON.stringify(flight)}, got ${got}` };
      }
      last = { arrival: flight.arrival, row: flight.row };
      same++;
      at++;
    }
  }
  const more = minute !== null && (at < minute.rows.length || (await source.next()).done !== true);
  await source.return(undefined);
  return { same, last, difference: whole && more ? 'more flights than expected' : null };
}

function isSame(expected: OracleFlight, minute: Arrivals, index: number, name: string): boolean {
  const event = minute.rows[index];
  return (
    event !== undefined &&
    minute.arrival === expected.arrival &&
    minute.numbers[index] === expected.row &&
    event.id === `${name}:${expected.row}` &&
    event.date === expected.date &&
    event.delay === expected.delay &&
    event.distance === expected.distance &&
    event.origin === expected.origin &&
    event.destination === expected.destination
  );
}
