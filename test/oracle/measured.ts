import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

/** The edges of the histogram of delays. */
export const edges = [-15, 0, 15, 60, 180] as const;

/** The quantiles of the delays that are asked for. */
export const shares = [0, 0.01, 0.5, 0.95, 0.999, 1] as const;

/**
 * Every measure that the other pipelines leave out. Flights are spread by their destination, so that each row meets
 * from several partitions.
 */
export const measured = definePipeline({
  name: 'measured',
  schema: Type.Object({
    id: Type.String(),
    date: Type.String({ format: 'date-time' }),
    delay: Type.Integer(),
    distance: Type.Integer(),
    origin: Type.String(),
    destination: Type.String(),
  }),
  id: 'id',
  time: 'date',
  partitionKey: 'destination',
  dedupe: { within: '54h' },
  transform: (flight) => ({ ...flight, route: `${flight.origin}-${flight.destination}` }),
  views: (on) => ({
    byOrigin: on.view({
      key: ['origin'],
      window: tumbling('1d'),
      lateness: '30h',
      measures: {
        flights: on.count(),
        variance: on.variance('delay'),
        quantiles: on.quantiles('delay', shares),
        histogram: on.histogram('delay', edges),
        destinations: on.distinct('destination'),
        top: on.topK('destination', 5),
        first: on.first('destination'),
        last: on.last('distance'),
      },
    }),
    whole: on.view({
      key: [],
      window: tumbling('10000d'),
      measures: {
        flights: on.count(),
        ids: on.distinct('id'),
        routes: on.distinct('route'),
        top: on.topK('route', 10),
        quantiles: on.quantiles('delay', shares),
        stddev: on.stddev('delay'),
      },
    }),
  }),
});
