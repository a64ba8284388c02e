import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

/** Counts and sums per key and ten minutes: what the kill test compares with its model. */
export const tally = definePipeline({
  name: 'tally',
  schema: Type.Object({
    id: Type.String(),
    at: Type.Integer(),
    key: Type.String(),
    value: Type.Integer(),
  }),
  id: 'id',
  time: 'at',
  partitionKey: 'key',
  dedupe: { within: '2d' },
  // Nothing is idle: how fast a test goes must not decide what is late.
  watermark: { outOfOrder: '1d', idleAfter: '1d' },
  views: (on) => ({
    perKey: on.view({
      key: ['key'],
      window: tumbling('10m'),
      lateness: '1d',
      measures: { count: on.count(), sum: on.sum('value'), least: on.min('value') },
    }),
  }),
});
