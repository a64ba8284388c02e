import type { Pipeline } from '../../core/pipeline.ts';
import { rowValue } from '../../core/query/answer.ts';
import { keptEvents } from '../../core/query/kept.ts';
import { flights } from '../../local-app/flights-source.ts';
import { type Finished, type Processed, run } from '../../local-app/run.ts';
import { compareRows } from './compare.ts';
import type { Counted, Oracle } from './duckdb.ts';
import { hasty, patient } from './flights-pipelines.ts';

/** One comparison with the oracle. */
export interface Check {
  readonly name: string;
  /** Rows or events compared: what the oracle has. */
  readonly compared: number;
  /** The first differences; none means that all is equal. */
  readonly differences: readonly string[];
}

/** One run and what came of it. */
export interface CheckedRun {
  readonly name: string;
  readonly events: number;
  /** Until the rows are final, without the comparison. */
  readonly seconds: number;
  readonly late: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
}

/** Runs the flights with 30 hours of lateness on 1, 4 and 7 partitions, then with 1 hour on 1, and checks each. */
export async function* checkedRuns(oracle: Oracle, path: string): AsyncGenerator<CheckedRun> {
  for (const partitions of [1, 4, 7]) {
    const name = `30 h of lateness, ${partitions} partition${partitions > 1 ? 's' : ''}`;
    yield await checked(name, oracle, path, patient, partitions, (one) => [
      viewCheck(one, 'byOrigin', oracle, {}),
      viewCheck(one, 'byRoute', oracle, {}),
      conservation(one, oracle),
    ]);
  }
  yield await checked('1 h of lateness, 1 partition', oracle, path, hasty, 1, (one) => [
    viewCheck(one, 'byOrigin', oracle, { latenessHours: 1 }),
    viewCheck(one, 'byRoute', oracle, { latenessHours: 1 }),
    lateCheck(one, 'byOrigin', oracle),
    lateCheck(one, 'byRoute', oracle),
    conservation(one, oracle),
  ]);
}

/** Runs a pipeline over the flights and checks what came of it. */
export async function checked(
  name: string,
  oracle: Oracle,
  path: string,
  pipeline: Pipeline,
  partitions: number,
  checksOf: (one: Processed) => Promise<Check>[],
): Promise<CheckedRun> {
  const started = performance.now();
  const finished = await runFlights(path, oracle.flights, pipeline, partitions);
  const seconds = (performance.now() - started) / 1000;
  try {
    const [one] = finished.pipelines as [Processed];
    const checks: Check[] = [];
    for (const check of checksOf(one)) checks.push(await check);
    const late = Object.entries(one.summary.views).map(([view, counts]) => [view, counts.late]);
    return { name, events: oracle.flights, seconds, late: Object.fromEntries(late), checks };
  } finally {
    finished.close();
  }
}

/** Runs the first flights through a pipeline, to the end of the stream. */
export function runFlights(
  path: string,
  first: number,
  pipeline: Pipeline,
  partitions: number,
): Promise<Finished> {
  return run({
    pipelines: [pipeline],
    rows: firstFlights(path, first),
    partitions,
    data: null,
    identity: {
      ...{ input: 'flights', bytes: 0, format: null, id: null, sort: null },
      pipelines: [pipeline.name],
      sample: null,
      ...{ definitions: [], references: [] },
    },
  });
}

/** The first flights in the order of arrival, as the rows of an input. */
async function* firstFlights(path: string, first: number) {
  let left = first;
  for await (const { rows } of flights({ path })) {
    yield rows.slice(0, left).map((flight) => ({ value: { ...flight } }));
    left -= rows.length;
    if (left <= 0) return;
  }
}

/** A view's rows, whatever their key and measures. */
export type Flat = Readonly<Record<string, unknown>> & { readonly start: string };

const keyOf = ({ start, origin, route }: Flat): string => `${start} ${route ?? origin}`;

async function viewCheck(
  one: Processed,
  view: 'byOrigin' | 'byRoute',
  oracle: Oracle,
  counted: Counted,
): Promise<Check> {
  const expected: Flat[] =
    view === 'byRoute' ? (await oracle.byRoute(counted)).map((row) => ({ ...row })) : [];
  if (view === 'byOrigin') {
    for (const { delaySum, ...row } of await oracle.byOrigin(counted)) {
      // Both are integers below 2^53, so the division of doubles is the correctly rounded quotient.
      expected.push({ ...row, delay: delaySum / row.flights });
    }
  }
  const differences = compareRows(expected, await rowsOf(one, view), keyOf);
  return { name: `${view}: rows as of GROUP BY`, compared: expected.length, differences };
}

/** The rows of a view, with their end where the start alone does not tell it. */
export async function rowsOf(one: Processed, view: string): Promise<Flat[]> {
  const flat: Flat[] = [];
  for await (const { rows, selected, finalTo } of one.rows()) {
    if (rows.view.name !== view) continue;
    const ended = { finalTo, watermark: finalTo };
    for (const row of selected) {
      const { key, start, end, final, measures } = rowValue(rows, row, ended);
      const isPane = rows.ends === null;
      // Rows of a stream that has ended are final; one that is not differs from what is expected.
      flat.push({
        ...key,
        start,
        ...(isPane ? {} : { end }),
        ...measures,
        ...(final ? {} : { final }),
      });
    }
  }
  return flat;
}

/** The late events that were kept, by row number, are those that SQL finds late. */
async function lateCheck(
  one: Processed,
  view: 'byOrigin' | 'byRoute',
  oracle: Oracle,
): Promise<Check> {
  const expected = await oracle.late(view === 'byOrigin' ? 'hour' : 'day', 1);
  const kept: number[] = [];
  for await (const { json } of keptEvents(one.journal, '0', '_late')) {
    const { id } = json.event as { readonly id: string };
    if (json.view === view) kept.push(Number(id.slice(id.lastIndexOf(':') + 1)));
  }
  const row = (number: number) => ({ number });
  const differences = compareRows(
    expected.map(row),
    kept.map(row),
    ({ number }) => `row ${number}`,
  );
  return { name: `${view}: late events as by SQL`, compared: expected.length, differences };
}

/** Every flight is accepted, and counted or late in each view. */
export async function conservation({ summary }: Processed, oracle: Oracle): Promise<Check> {
  const { received, accepted, views } = summary;
  const figures = Object.entries(views).map(([view, { counted, late }]) => ({
    name: `${view}: counted + late`,
    value: counted + late,
  }));
  figures.push({ name: 'received', value: received }, { name: 'accepted', value: accepted });
  const differences = figures
    .filter(({ value }) => value !== oracle.flights)
    .map(({ name, value }) => `${name}: expected ${oracle.flights}, got ${value}`);
  return { name: 'every event accounted for', compared: oracle.flights, differences };
}
