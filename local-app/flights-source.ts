import { MillraceError } from '../core/errors.ts';
import {
  type FlightEvent,
  type FlightGroup,
  minute,
  openFlights,
  unusable,
} from './flights-file.ts';

/** The flights that arrive in one minute. */
export interface Arrivals {
  /** Date plus delay, epoch milliseconds. */
  readonly arrival: number;
  /** The row numbers of `rows`, from 1, ascending. */
  readonly numbers: readonly number[];
  readonly rows: readonly FlightEvent[];
}

/** The place of a flight in the order of arrival. */
export interface FlightPlace {
  readonly arrival: number;
  /** The row number, from 1. */
  readonly row: number;
}

/** What to read. */
export interface FlightsOptions {
  /** The last flight that was had before: the next one comes first. */
  readonly after?: FlightPlace | undefined;
  /** Another file with the same columns. */
  readonly path?: string | undefined;
}

/** The flights read that have not arrived yet. */
interface Waiting {
  /** Row numbers by arrival. */
  readonly minutes: Map<number, number[]>;
  /** The row groups that they lie in. */
  groups: FlightGroup[];
  /** The first minute that is not complete, once the first row is read. */
  next: number;
}

/**
 * The flights in the order in which they arrive (date plus delay), ties by row number, minute by minute.
 *
 * The file is sorted by date and its footer tells how early a flight can be, so a minute is complete once the
 * dates read are past it by that much. Held are the row numbers of some two days and the one or two row groups
 * that they lie in.
 *
 * @throws MillraceError `request` when the file is missing, has other columns or is not sorted by date.
 */
export async function* flights(options: FlightsOptions = {}): AsyncGenerator<Arrivals> {
  const { after } = options;
  const file = await openFlights(options.path);
  const earliest = Math.min(0, ...file.extents.map((extent) => extent.delayMin));
  const waiting: Waiting = { minutes: new Map(), groups: [], next: Number.NEGATIVE_INFINITY };
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, extent] of file.extents.entries()) {
    if (after !== undefined && extent.arrivalMax < after.arrival) continue;
    const group = await file.group(index);
    waiting.groups = waiting.groups.filter(({ arrivalMax }) => arrivalMax >= waiting.next);
    waiting.groups.push(group);
    for (let i = 0; i < group.times.length; i++) {
      const row = group.rowBefore + i + 1;
      const time = group.times[i]!;
      const arrival = time + group.delays[i]! * minute;
      if (time < last) throw unusable(file.path, `it is not sorted by date: see row ${row}`);
      if (arrival < time + earliest) throw unusable(file.path, `its footer is wrong on row ${row}`);
      if (time > last) yield* release(waiting, time + earliest);
      last = time;
      if (isAfter(after, arrival, row)) put(waiting, arrival, row);
    }
  }
  yield* release(waiting, Number.POSITIVE_INFINITY);
}

/** Hands out the minutes before `complete`. */
function* release(waiting: Waiting, complete: number): Generator<Arrivals> {
  const { minutes, groups } = waiting;
  if (minutes.size === 0) waiting.next = complete;
  for (; waiting.next < complete && minutes.size > 0; waiting.next += minute) {
    const arrival = waiting.next;
    const numbers = minutes.get(arrival);
    if (numbers === undefined) continue;
    minutes.delete(arrival);
    yield { arrival, numbers, rows: numbers.map((row) => eventOf(groups, row)) };
  }
}

function eventOf(groups: readonly FlightGroup[], row: number): FlightEvent {
  for (const { rowBefore, times, event } of groups) {
    if (row > rowBefore && row <= rowBefore + times.length) return event(row - rowBefore - 1);
  }
  throw new MillraceError('bug', `flight ${row} was dropped before it arrived`);
}

function put({ minutes, next }: Waiting, arrival: number, row: number): void {
  if (arrival < next) throw new MillraceError('bug', `flight ${row} came after its minute`);
  const numbers = minutes.get(arrival);
  if (numbers === undefined) minutes.set(arrival, [row]);
  else numbers.push(row);
}

function isAfter(after: FlightPlace | undefined, arrival: number, row: number): boolean {
  if (after === undefined || arrival > after.arrival) return true;
  return arrival === after.arrival && row > after.row;
}
