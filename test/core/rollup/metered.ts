import { definePipeline, type Pipeline, type Rollup, tumbling } from 'millrace';
import { Type } from 'typebox';
import type { StreamRecord } from '../../../core/event.ts';
import type { Answer, AnyRow } from '../../../core/query/answer.ts';
import type { AnyQuery } from '../../../core/query/query.ts';
import type { World } from '../small-world.ts';

/** A reading of a meter. */
export interface Reading {
  readonly id: string;
  readonly at: number;
  readonly meter: string;
  readonly n: number;
}

/** What a meter view may be told. */
export interface MeterOptions {
  readonly retain?: '1h' | '2m' | '100m';
  readonly rollups?: readonly Rollup[];
  readonly offset?: '0s' | '4s';
  readonly lateness?: '0s' | '1m' | '36h';
}

/** Midnight of 2001-01-01 UTC, a bound of windows of every size up to a day. */
export const midnight: number = Date.UTC(2001, 0, 1);

/** Ten seconds per meter, rolled up as told. */
export function meters({ offset = '0s', ...view }: MeterOptions): Pipeline {
  return definePipeline({
    name: 'meters',
    schema: Type.Object({
      ...{ id: Type.String(), at: Type.Integer(), meter: Type.String(), n: Type.Integer() },
    }),
    ...{ id: 'id', time: 'at', partitionKey: 'meter', dedupe: 'off' },
    views: (on) => ({
      v: on.view({
        ...{ key: ['meter'], window: tumbling('10s', { offset }), ...view },
        measures: {
          c: on.count(),
          sum: on.sum('n'),
          mean: on.mean('n'),
          most: on.max('n'),
          kinds: on.distinct('n'),
          newest: on.last('n'),
        },
      }),
    }),
  });
}

/** Readings as records of one partition, from a position on. */
export function recordsOf(readings: readonly Reading[], from = 0): StreamRecord[] {
  return readings.map((reading, i) => ({
    ...{ position: BigInt(from + i), partitionKey: reading.meter },
    arrival: midnight + 30 * 86_400_000,
    body: new TextEncoder().encode(JSON.stringify(reading)),
  }));
}

/** A row by a plain loop over readings that knows neither panes nor pages. */
export interface PlainRow {
  readonly start: number;
  readonly end: number;
  readonly meter: string;
  readonly measures: Readonly<Record<string, number>>;
}

/** The rows of windows given by their bounds, by start and meter. */
export function plainRows(
  readings: readonly Reading[],
  windowOf: (at: number) => readonly [start: number, end: number] | null,
): PlainRow[] {
  const groups = new Map<string, Reading[]>();
  for (const reading of readings) {
    const window = windowOf(reading.at);
    if (window === null) continue;
    const name = JSON.stringify([...window, reading.meter]);
    groups.set(name, [...(groups.get(name) ?? []), reading]);
  }
  const rows = [...groups].map(([name, some]): PlainRow => {
    const [start, end, meter] = JSON.parse(name);
    const values = some.map(({ n }) => n);
    const sum = values.reduce((all, n) => all + n, 0);
    const newest = some.reduce((a, b) => (b.at > a.at || (b.at === a.at && b.id > a.id) ? b : a)).n;
    const [c, most] = [values.length, Math.max(...values)];
    const kinds = new Set(values).size;
    return { start, end, meter, measures: { c, sum, mean: sum / c, most, kinds, newest } };
  });
  return rows.sort((a, b) => a.start - b.start || (a.meter < b.meter ? -1 : 1));
}

/** An answer as a cold reader gives it. */
export async function answerOf(world: World, query: AnyQuery = {}): Promise<Answer<AnyRow>> {
  return JSON.parse(await world.answer('v', query));
}

/** The rows of an answer as plain ones. */
export function plain({ rows }: Answer<AnyRow>): PlainRow[] {
  return rows.map(({ start, end, key, measures }) => ({
    ...{ start: Date.parse(start), end: Date.parse(end), meter: String(key['meter']) },
    measures: measures as PlainRow['measures'],
  }));
}

/** The problem of a query that can't be answered; null for one that can. */
export function problemOf(world: World, query: AnyQuery): Promise<string | null> {
  return world.answer('v', query).then(
    () => null,
    (error) => `${error.code}: ${error.message}`,
  );
}
