import { definePipeline, hopping, session } from 'millrace';
import { Type } from 'typebox';

const schema = Type.Object({
  id: Type.String(),
  date: Type.String({ format: 'date-time' }),
  delay: Type.Integer(),
  origin: Type.String(),
});

/** Flights by origin in windows that overlap, and in stretches of time without a pause of 45 minutes. */
function windows<Name extends string>(name: Name, lateness: '1h' | '30h') {
  return definePipeline({
    ...{ name, schema, id: 'id', time: 'date', partitionKey: 'origin' },
    watermark: { outOfOrder: '0s' },
    dedupe: { within: '31h' },
    views: (on) => {
      const measures = { flights: on.count(), delay: on.sum('delay') };
      return {
        hops: on.view({
          ...{ key: ['origin'], lateness, measures },
          window: hopping({ size: '3h', slide: '1h' }),
        }),
        stays: on.view({
          ...{ key: ['origin'], lateness, measures },
          window: session({ gap: '45m', longest: '24h' }),
        }),
      };
    },
  });
}

/** With so much lateness that no flight is late. */
export const patientWindows = windows('patient-windows', '30h');

/** With an hour of lateness. */
export const hastyWindows = windows('hasty-windows', '1h');
