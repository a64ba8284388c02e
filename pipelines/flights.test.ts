import { expect, test } from 'vitest';
import { partitionKeyOf } from '../core/ingest.ts';
import { compose } from '../local-app/composition.ts';
import { localConfig } from '../local-app/config.ts';
import { Pump } from '../local-app/pump.ts';
import { flights } from './flights.ts';

const flight = (id: string, date: string, more: object = {}) => ({
  ...{ id, date, delay: 0, distance: 100, origin: 'SFO', destination: 'LAX' },
  ...more,
});

/** The reader of a Millrace in memory that has processed these events, in this order. */
async function given(events: readonly object[]) {
  const app = compose(localConfig({ pipelines: [flights], partitions: 1, packLingerMs: 0 }));
  for (const event of events) {
    await app.publisher.send(partitionKeyOf(event, flights.plan), JSON.stringify(event));
  }
  await new Pump(app).drain();
  const served = app.served.get(flights.name);
  if (served === undefined) throw new Error('the pipeline is not served');
  return served.reader;
}

test('flights are counted by origin and hour, with mean, min and max delay and total distance', async () => {
  const reader = await given([
    flight('1', '2001-01-01T10:00:00Z', { delay: 5, distance: 300 }),
    flight('2', '2001-01-01T10:59:59.999Z', { delay: -2, distance: 400 }),
    flight('3', '2001-01-01T11:00:00Z', { delay: 60 }),
    flight('4', '2001-01-01T10:30:00Z', { origin: 'JFK' }),
  ]);
  const { rows } = await reader.query(flights, 'byOrigin', { key: { origin: 'SFO' } });
  expect(rows.map(({ start, measures }) => [start, measures])).toEqual([
    ['2001-01-01T10:00:00.000Z', { flights: 2, delay: 1.5, earliest: -2, latest: 5, miles: 700 }],
    ['2001-01-01T11:00:00.000Z', { flights: 1, delay: 60, earliest: 60, latest: 60, miles: 100 }],
  ]);
});

test('flights are counted by route and day', async () => {
  const reader = await given([
    flight('1', '2001-01-01T00:00:00Z'),
    flight('2', '2001-01-01T23:59:59Z'),
    flight('3', '2001-01-02T00:00:00Z'),
    flight('4', '2001-01-01T12:00:00Z', { destination: 'JFK' }),
  ]);
  const { rows } = await reader.query(flights, 'byRoute');
  expect(
    rows.map(({ key, start, measures }) => [key.route, start.slice(0, 10), measures.flights]),
  ).toEqual([
    ['SFO-JFK', '2001-01-01', 1],
    ['SFO-LAX', '2001-01-01', 2],
    ['SFO-LAX', '2001-01-02', 1],
  ]);
});

test('a flight that is reported twice counts once, and one 36 hours late still counts', async () => {
  const reader = await given([
    flight('1', '2001-01-01T10:00:00Z'),
    flight('2', '2001-01-02T22:00:00Z'),
    flight('1', '2001-01-01T10:00:00Z'),
    flight('3', '2001-01-01T10:10:00Z'),
    flight('4', '2001-01-02T23:30:00Z'),
    flight('5', '2001-01-01T10:20:00Z'),
  ]);
  const answer = await reader.query(flights, 'byOrigin', { limit: 1 });
  expect(answer.rows[0]?.measures.flights).toBe(2);
  expect(answer.late).toBe(1);
});

test('a flight without an origin is a dead letter', async () => {
  const reader = await given([flight('1', '2001-01-01T10:00:00Z', { origin: 7 })]);
  const { rows, deadLettered } = await reader.query(flights, 'byOrigin');
  expect([rows, deadLettered]).toEqual([[], 1]);
});
