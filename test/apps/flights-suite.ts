import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FlightEvent, flightsPath } from '../../local-app/flights-file.ts';
import { flights } from '../../local-app/flights-source.ts';
import { compareRows } from '../oracle/compare.ts';
import { openOracle } from '../oracle/duckdb.ts';
import { answersOf, endStreams, expectSame, settled, statusOf } from './answers.ts';
import type { AppHost, AppUnderTest } from './app-under-test.ts';
import { embedded } from './embedded-host.ts';
import { copyStream } from './stream-log.ts';

const partitions = 4;
const requestEvents = 5_000;
const rowsMax = 5_000;

/** The first flights in the order of arrival, through the door of an app, against the embedded app and against SQL. */
export function flightsSuite(host: AppHost, first: number): void {
  describe(`the first ${first} flights, ${host.name}`, () => {
    beforeAll(() => host.open());
    afterAll(() => host.close());

    it('are answered as by the embedded app, to the byte, and as by SQL', async () => {
      const app = await host.start({ pipelines: 'flights', partitions });
      const processed = sendFlights(app, first).then(() => settled(app));
      const [grown] = await Promise.all([watchGrowth(app, processed), processed]);
      expect(grown).toBeGreaterThan(0);
      const twin = await embedded.start({ pipelines: 'flights', partitions });
      await copyStream(app, twin);
      await settled(twin);
      await endStreams(app, 'flights');
      await endStreams(twin, 'flights');
      const patient = await answersOf(app, 'patient', rowsMax);
      expectSame(patient, await answersOf(twin, 'patient', rowsMax));
      expectSame(await answersOf(app, 'hasty', rowsMax), await answersOf(twin, 'hasty', rowsMax));
      const { counts } = (await statusOf(app)).get('hasty')!;
      expect(counts.accepted).toBe(first);
      expect(counts.views['byOrigin']!.late).toBeGreaterThan(0);
      expect(await differencesToSql(patient, first)).toEqual([]);
    });
  });
}

async function sendFlights(app: AppUnderTest, first: number): Promise<void> {
  let left = first;
  let batch: FlightEvent[] = [];
  const send = async (): Promise<void> => {
    const body = gzipSync(batch.map((flight) => JSON.stringify(flight)).join('\n'));
    const response = await app.request('/v1/events', { method: 'POST', body });
    expect(await response.json()).toEqual({ accepted: batch.length, refused: [] });
    batch = [];
  };
  for await (const { rows } of flights()) {
    for (const flight of rows.slice(0, left)) {
      batch.push(flight);
      if (batch.length === requestEvents) await send();
    }
    left -= rows.length;
    if (left <= 0) break;
  }
  if (batch.length > 0) await send();
}

/** Asks while events come in, and once more: what is counted never becomes less. Gives how often it had become more. */
async function watchGrowth(app: AppUnderTest, until: Promise<void>): Promise<number> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  until.then(end, end);
  let grown = 0;
  for (let before = 0, isLast = false; !isLast; ) {
    isLast = isOver;
    const response = await app.request('/v1/views/patient.byOrigin?key.origin=ATL&limit=1000');
    expect(response.status).toBe(200);
    const { rows } = (await response.json()) as { rows: { measures: { flights: number } }[] };
    const now = rows.reduce((sum, { measures }) => sum + measures.flights, 0);
    expect(now).toBeGreaterThanOrEqual(before);
    if (now > before) grown += 1;
    before = now;
  }
  return grown;
}

/** A row of a view of flights: its key, its start and its measures side by side. */
type Flat = Readonly<Record<string, unknown>>;

async function differencesToSql(answers: string, first: number): Promise<string[]> {
  const oracle = await openOracle(flightsPath(), first);
  const byOrigin = (await oracle.byOrigin()).map(({ delaySum, ...row }) => {
    return { view: 'byOrigin', ...row, delay: delaySum / row.flights };
  });
  const byRoute = (await oracle.byRoute()).map((row) => ({ view: 'byRoute', ...row }));
  oracle.close();
  const actual = answers
    .split('\n')
    .filter((line) => line.startsWith('{"view"'))
    .map((line): Flat => {
      const { view, key, start, measures } = JSON.parse(line);
      return { view, ...key, start, ...measures };
    });
  expect(actual.length).toBeGreaterThan(first / 10);
  const keyOf = ({ view, start, origin, route }: Flat): string =>
    [view, start, route ?? origin].join(' ');
  return compareRows<Flat>([...byOrigin, ...byRoute], actual, keyOf);
}
