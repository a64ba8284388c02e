import { given } from 'millrace/testing';
import { test } from 'vitest';
import { flights } from './flights.ts';

const flight = (id: string, date: string, more: object = {}) => ({
  ...{ id, date, delay: 0, distance: 100, origin: 'SFO', destination: 'LAX' },
  ...more,
});

test('flights are counted by origin and hour, with mean, min and max delay and total distance', async () => {
  await given(flights)
    .events(
      flight('1', '2001-01-01T10:00:00Z', { delay: 5, distance: 300 }),
      flight('2', '2001-01-01T10:59:59.999Z', { delay: -2, distance: 400 }),
      flight('3', '2001-01-01T11:00:00Z', { delay: 60 }),
      flight('4', '2001-01-01T10:30:00Z', { origin: 'JFK' }),
    )
    .expectNothingLost()
    .expect('byOrigin', { origin: 'JFK' }, { flights: 1 })
    .expect(
      'byOrigin',
      { origin: 'SFO' },
      { flights: 2, delay: 1.5, earliest: -2, latest: 5, miles: 700 },
      '2001-01-01T10:00:00Z',
    )
    .expect(
      'byOrigin',
      { origin: 'SFO' },
      { flights: 1, delay: 60, earliest: 60, latest: 60, miles: 100 },
      '2001-01-01T11:00:00Z',
    );
});

test('flights are counted by route and day', async () => {
  await given(flights)
    .events(
      flight('1', '2001-01-01T00:00:00Z'),
      flight('2', '2001-01-01T23:59:59Z'),
      flight('3', '2001-01-02T00:00:00Z'),
      flight('4', '2001-01-01T12:00:00Z', { destination: 'JFK' }),
    )
    .expectRows('byRoute', [
      { key: { route: 'SFO-JFK' }, start: '2001-01-01T00:00:00Z', measures: { flights: 1 } },
      { key: { route: 'SFO-LAX' }, start: '2001-01-01T00:00:00Z', measures: { flights: 2 } },
      { key: { route: 'SFO-LAX' }, start: '2001-01-02T00:00:00Z', measures: { flights: 1 } },
    ]);
});

test('a flight that is reported twice counts once, and one 36 hours late still counts', async () => {
  await given(flights)
    .events(
      flight('1', '2001-01-01T10:00:00Z'),
      flight('2', '2001-01-02T22:00:00Z'),
      flight('1', '2001-01-01T10:00:00Z'),
      flight('3', '2001-01-01T10:10:00Z'),
      flight('4', '2001-01-02T23:30:00Z'),
      flight('5', '2001-01-01T10:20:00Z'),
    )
    .expectCounts({ received: 6, accepted: 5, duplicates: 1 })
    .expect('byOrigin', { origin: 'SFO' }, { flights: 2 }, '2001-01-01T10:00:00Z')
    .expectLate('byOrigin', 1)
    .expectLate('byRoute', 0);
});

test('a flight without an origin is a dead letter', async () => {
  await given(flights)
    .raw(flight('1', '2001-01-01T10:00:00Z', { origin: 7 }))
    .expectDeadLetters('invalid', 1)
    .expectRows('byOrigin', []);
});

test('an hour is final once the flights of 36 hours and ten minutes later have come', async () => {
  await given(flights)
    .events(flight('1', '2001-01-01T10:00:00Z'), flight('2', '2001-01-02T23:09:59Z'))
    .wait('2m')
    .expectNotFinal('byOrigin', {})
    .crash('after-commit')
    .events(flight('3', '2001-01-02T23:10:00Z', { origin: 'JFK' }))
    .wait('1m')
    .expectFinal('byOrigin', { origin: 'SFO' }, '2001-01-01T10:00:00Z');
});
