import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

/** US flights of 2001: punctuality by origin and hour, traffic by route and day. */
export const flights = definePipeline({
  name: 'flights',
  schema: Type.Object({
    id: Type.String(),
    date: Type.String({ format: 'date-time' }),
    delay: Type.Integer(),
    distance: Type.Integer({ minimum: 0 }),
    origin: Type.String({ maxLength: 3 }),
    destination: Type.String({ maxLength: 3 }),
  }),
  id: 'id',
  time: 'date',
  partitionKey: 'origin',
  watermark: { outOfOrder: '10m', idle: 'hold' },
  dedupe: { within: '60h' },
  transform: (f) => ({ ...f, route: `${f.origin}-${f.destination}` }),
  views: (on) => ({
    byOrigin: on.view({
      key: ['origin'],
      window: tumbling('1h'),
      lateness: '36h',
      measures: {
        flights: on.count(),
        delay: on.mean('delay'),
        earliest: on.min('delay'),
        latest: on.max('delay'),
        miles: on.sum('distance'),
      },
    }),
    byRoute: on.view({
      key: ['origin', 'route'],
      window: tumbling('1d'),
      lateness: '36h',
      measures: { flights: on.count() },
    }),
  }),
});
