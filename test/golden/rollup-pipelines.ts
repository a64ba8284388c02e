import { definePipeline, type Pipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

const schema = Type.Object({
  id: Type.String(),
  at: Type.String({ format: 'date-time' }),
  user: Type.String(),
  n: Type.Integer(),
});
const common = { schema, id: 'id', time: 'at', partitionKey: 'user' } as const;

/** Minutes for half an hour, ten minutes for two, hours for ever: at the end of a case most of it has expired. */
const expiring = definePipeline({
  ...{ ...common, name: 'expiring' },
  // Nothing is idle: how fast a test goes must not decide what has expired.
  watermark: { outOfOrder: '0s', idleAfter: '1d' },
  views: (on) => ({
    perMinute: on.view({
      key: ['user'],
      window: tumbling('1m'),
      retain: '30m',
      rollups: [{ size: '10m', retain: '2h' }, { size: '1h' }],
      measures: { events: on.count(), total: on.sum('n'), most: on.max('n') },
      derive: (row) => ({ rate: row.perSecond('events') }),
    }),
  }),
});

/** Ten seconds from the fifth on, rolled up twice; nothing of a case is late. */
const rolled = definePipeline({
  ...{ ...common, name: 'rolled', dedupe: { within: '2d' } },
  views: (on) => ({
    tens: on.view({
      key: [],
      window: tumbling('10s', { offset: '5s' }),
      lateness: '1d',
      rollups: [{ size: '1m' }, { size: '5m' }],
      measures: { events: on.count(), mean: on.mean('n'), users: on.distinct('user') },
    }),
  }),
});

/** The pipelines of the cases of rollups, by name. */
export const rollupPipelines: Readonly<Record<string, Pipeline>> = { expiring, rolled };
