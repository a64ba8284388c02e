import { definePipeline, reference, tumbling } from 'millrace';
import { Type } from 'typebox';

/** Trips per city, which a reference table knows by airport. */
export const lookups = definePipeline({
  name: 'lookups',
  schema: Type.Object({ id: Type.String(), at: Type.Integer(), from: Type.String() }),
  ...{ id: 'id', time: 'at', partitionKey: 'from', dedupe: { within: '3d' } },
  references: {
    airports: reference({
      key: 'iata',
      schema: Type.Object({ iata: Type.String(), city: Type.String() }),
    }),
  },
  transform: (trip, { airports }) => ({ city: airports.get(trip.from)?.city ?? 'nowhere' }),
  views: (on) => ({
    byCity: on.view({ key: ['city'], window: tumbling('1d'), measures: { trips: on.count() } }),
  }),
});
