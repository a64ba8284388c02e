import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

const schema = Type.Object({
  id: Type.String(),
  date: Type.String({ format: 'date-time' }),
  delay: Type.Integer(),
  distance: Type.Integer(),
  origin: Type.String(),
  destination: Type.String(),
});

/** Two days and more of ids: the longest window and lateness, so that dedupe is exact. */
export const patient = definePipeline({
  name: 'patient',
  schema,
  id: 'id',
  time: 'date',
  partitionKey: 'origin',
  // Nothing is idle: how fast a test goes must not decide what is late.
  watermark: { outOfOrder: '0s', idleAfter: '1d' },
  dedupe: { within: '54h' },
  transform: (flight) => ({ ...flight, route: `${flight.origin}-${flight.destination}` }),
  views: (on) => ({
    byOrigin: on.view({
      key: ['origin'],
      window: tumbling('1h'),
      lateness: '30h',
      measures: {
        flights: on.count(),
        delay: on.mean('delay'),
        delayMin: on.min('delay'),
        delayMax: on.max('delay'),
        distance: on.sum('distance'),
      },
    }),
    byRoute: on.view({
      key: ['origin', 'route'],
      window: tumbling('1d'),
      lateness: '30h',
      measures: { flights: on.count() },
    }),
  }),
});

/** The same views with an hour of lateness: one flight in fifteen comes too late for its hour. */
export const hasty = definePipeline({
  name: 'hasty',
  schema,
  id: 'id',
  time: 'date',
  partitionKey: 'origin',
  // Nothing is idle: how fast a test goes must not decide what is late.
  watermark: { outOfOrder: '0s', idleAfter: '1d' },
  dedupe: { within: '25h' },
  transform: (flight) => ({ ...flight, route: `${flight.origin}-${flight.destination}` }),
  views: (on) => ({
    byOrigin: on.view({
      key: ['origin'],
      window: tumbling('1h'),
      lateness: '1h',
      measures: {
        flights: on.count(),
        delay: on.mean('delay'),
        delayMin: on.min('delay'),
        delayMax: on.max('delay'),
        distance: on.sum('distance'),
      },
    }),
    byRoute: on.view({
      key: ['origin', 'route'],
      window: tumbling('1d'),
      lateness: '1h',
      measures: { flights: on.count() },
    }),
  }),
});
