/** Mistakes in chains that must not compile: `tsc` fails on an expectation that nothing meets. Nothing here is ever run. */
import { given } from 'millrace/testing';
import { flights } from '../../pipelines/flights.ts';

const flight = { id: '1', date: '', delay: 0, distance: 1, origin: 'SFO', destination: 'LAX' };

export const right = (): PromiseLike<undefined> =>
  given(flights, { partitions: 2 })
    .events(flight, flight)
    .wait('2h')
    .expect('byOrigin', { origin: 'SFO' }, { flights: 2, delay: (delay) => delay > 1 })
    .expectRows('byRoute', [{ key: { route: 'SFO-LAX' }, measures: { flights: 2 }, final: true }]);

export const wrong = [
  // @ts-expect-error an event without a field
  () => given(flights).events({ id: '1' }),
  // @ts-expect-error an event with a field of another type
  () => given(flights).events({ ...flight, delay: 'late' }),
  // @ts-expect-error a view that is not there
  () => given(flights).expect('byDay', {}, {}),
  // @ts-expect-error a key part that is not there
  () => given(flights).expect('byOrigin', { route: 'SFO-LAX' }, { flights: 1 }),
  // @ts-expect-error a measure that is not there
  () => given(flights).expect('byOrigin', { origin: 'SFO' }, { fligths: 1 }),
  // @ts-expect-error a measure of another type
  () => given(flights).expect('byOrigin', { origin: 'SFO' }, { flights: '1' }),
  // @ts-expect-error a measure of another view among rows
  () => given(flights).expectRows('byRoute', [{ measures: { delay: 1 } }]),
  // @ts-expect-error a reason that is none
  () => given(flights).expectDeadLetters('wrong', 1),
  // @ts-expect-error a duration that is none
  () => given(flights).wait('2 hours'),
];
