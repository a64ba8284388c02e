import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

/** Per key and minute with two minutes of patience, rolled up to hours, and per day with none; a bound of 30 seconds. */
export const storm = stormThat({});

/** The same, whose rows per key and minute go to a sink. */
export const published = stormThat({ publish: { to: 'results' } });

function stormThat(publish: { readonly publish?: { readonly to: string } }) {
  return definePipeline({
    name: 'storm',
    schema: Type.Object({
      id: Type.String(),
      at: Type.Integer(),
      key: Type.String(),
      value: Type.Integer(),
    }),
    ...{ id: 'id', time: 'at', partitionKey: 'key', dedupe: { within: '3d' } },
    // Nothing is idle: how fast a test goes must not decide what is late.
    watermark: { outOfOrder: '30s', idleAfter: '1d' },
    transform: (event) => {
      if (event.value === 13) throw new Error('unlucky');
      return event.value === 0 ? null : event;
    },
    views: (on) => ({
      perDay: on.view({
        key: [],
        window: tumbling('1d'),
        measures: { count: on.count(), least: on.min('value') },
      }),
      perKey: on.view({
        key: ['key'],
        window: tumbling('1m'),
        lateness: '2m',
        retain: '5d',
        rollups: [{ size: '1h' }],
        ...publish,
        measures: { count: on.count(), sum: on.sum('value') },
      }),
    }),
  });
}
