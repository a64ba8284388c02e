import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { DecodedArray } from 'hyparquet';
import { MillraceError } from '../core/errors.ts';
import { openParquet, type ParquetFile, readGroup } from './parquet-columns.ts';

/** One flight, as an event of the demo pipeline. */
export interface FlightEvent {
  /** `flights-3m.parquet:<row number>`, from 1, in the order of the file. */
  readonly id: string;
  /** The scheduled departure, taken as UTC: RFC 3339 with milliseconds. */
  readonly date: string;
  /** Minutes late; negative when early. */
  readonly delay: number;
  /** Miles. */
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** What the footer says of a row group, before it is decoded. Times are milliseconds. */
export interface Extent {
  readonly rows: number;
  readonly delayMin: number;
  /** No flight of the group arrives after this. */
  readonly arrivalMax: number;
}

/** A decoded row group, by the index of the row in the group. */
export interface FlightGroup {
  /** How many rows of the file stand before it. */
  readonly rowBefore: number;
  /** No flight of the group arrives after this, epoch milliseconds. */
  readonly arrivalMax: number;
  /** Epoch milliseconds. */
  readonly times: Float64Array;
  /** Minutes. */
  readonly delays: Int32Array;
  event(index: number): FlightEvent;
}

/** The flights file, open. */
export interface FlightsFile {
  readonly path: string;
  readonly extents: readonly Extent[];
  group(index: number): Promise<FlightGroup>;
}

/** Milliseconds of a minute, the unit of all times in the file. */
export const minute: number = 60_000;

const names = ['date', 'delay', 'distance', 'origin', 'destination'];

/** The path of the 3,000,000 US flights of January to June 2001, in the package vega-datasets. */
export function flightsPath(): string {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  return join(dirname(dirname(entry)), 'data', 'flights-3m.parquet');
}

/**
 * Opens a file of flights.
 *
 * @throws MillraceError `request` when it is missing, is not Parquet, or has other columns or values.
 */
export async function openFlights(path: string = flightsPath()): Promise<FlightsFile> {
  const file = await openParquet(path);
  const extents = extentsOf(file, path);
  const group = async (index: number): Promise<FlightGroup> => {
    const columns = await readGroup(file, index, names);
    const before = extents.slice(0, index).reduce((sum, extent) => sum + extent.rows, 0);
    return { arrivalMax: extents[index]?.arrivalMax ?? 0, ...groupOf(path, before, columns) };
  };
  return { path, extents, group };
}

/** The error of a file that can't be used as the flights. */
export function unusable(path: string, reason: string): MillraceError {
  return new MillraceError('request', `can't use ${path} as the flights: ${reason}`);
}

function extentsOf({ columns, metadata }: ParquetFile, path: string): Extent[] {
  const present = columns.map((column) => column.name);
  const missing = names.filter((name) => !present.includes(name));
  if (missing.length > 0) throw unusable(path, `it has no column ${missing.join(', ')}`);
  return metadata.row_groups.map((group) => {
    const statistics = new Map(
      group.columns.map(({ meta_data: about }) => [about?.path_in_schema[0], about?.statistics]),
    );
    const dateMax = Number(statistics.get('date')?.max_value ?? Number.NaN);
    const delayMin = Number(statistics.get('delay')?.min_value ?? Number.NaN) * minute;
    const delayMax = Number(statistics.get('delay')?.max_value ?? Number.NaN) * minute;
    if (Number.isNaN(dateMax + delayMin + delayMax)) {
      throw unusable(path, 'its footer has no statistics of date and delay');
    }
    return { rows: Number(group.num_rows), delayMin, arrivalMax: dateMax + delayMax };
  });
}

function groupOf(
  path: string,
  rowBefore: number,
  columns: readonly DecodedArray[],
): Omit<FlightGroup, 'arrivalMax'> {
  const [dates = [], delayValues = [], distanceValues = [], origins = [], destinations = []] =
    columns;
  const count = dates.length;
  const times = new Float64Array(count);
  const delays = new Int32Array(count);
  const distances = new Int32Array(count);
  const texts = new Array<string>(count);
  for (let i = 0; i < count; i++) {
    times[i] = Number(dates[i] ?? Number.NaN);
    delays[i] = Number(delayValues[i] ?? Number.NaN);
    distances[i] = Number(distanceValues[i] ?? Number.NaN);
    const whole = times[i]! % minute === 0 && delayValues[i] != null && distanceValues[i] != null;
    if (!whole || typeof origins[i] !== 'string' || typeof destinations[i] !== 'string') {
      throw unusable(
        path,
        `row ${rowBefore + i + 1} lacks a value, or its date is no whole minute`,
      );
    }
    // The text of a date takes a microsecond to make; most rows have the one of the row before.
    texts[i] = times[i] === times[i - 1] ? texts[i - 1]! : new Date(times[i]!).toISOString();
  }
  const file = basename(path);
  const event = (index: number): FlightEvent => ({
    id: `${file}:${rowBefore + index + 1}`,
    date: texts[index]!,
    delay: delays[index]!,
    distance: distances[index]!,
    origin: origins[index] as string,
    destination: destinations[index] as string,
  });
  return { rowBefore, times, delays, event };
}
