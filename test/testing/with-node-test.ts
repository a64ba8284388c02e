/** Run by given.test.ts, as a test of the kit with the runner of Node. */
import { test } from 'node:test';
import { given } from 'millrace/testing';
import { flights } from '../../pipelines/flights.ts';

const flight = {
  ...{ id: '1', date: '2001-01-01T10:00:00Z', delay: 0, distance: 1 },
  ...{ origin: 'SFO', destination: 'LAX' },
};

test('is met', async () => {
  await given(flights).events(flight).expectNothingLost();
});

test('is not met', async () => {
  await given(flights).events(flight).expectLate('byOrigin', 3);
});
