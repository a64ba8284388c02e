import {
  days,
  definePipeline,
  global,
  hopping,
  months,
  type Pipeline,
  session,
  weeks,
} from 'millrace';
import { Type } from 'typebox';

const schema = Type.Object({
  id: Type.String(),
  at: Type.String({ format: 'date-time' }),
  user: Type.String(),
  n: Type.Integer(),
});
const common = { schema, id: 'id', time: 'at', partitionKey: 'user' } as const;

/** Ten minutes, every five; nothing of a case is late. */
const hops = definePipeline({
  ...{ ...common, name: 'hops' },
  views: (on) => ({
    hops: on.view({
      key: ['user'],
      window: hopping({ size: '10m', slide: '5m' }),
      lateness: '30m',
      measures: { events: on.count(), total: on.sum('n') },
    }),
  }),
});

/** The same without lateness. */
const hopsHasty = definePipeline({
  ...{ ...common, name: 'hops-hasty' },
  views: (on) => ({
    hops: on.view({
      key: ['user'],
      window: hopping({ size: '10m', slide: '5m' }),
      measures: { events: on.count(), total: on.sum('n') },
    }),
  }),
});

/** Sessions of at most an hour; nothing of a case is late. */
const stays = definePipeline({
  ...{ ...common, name: 'stays', dedupe: { within: '2h' } },
  views: (on) => ({
    stays: on.view({
      key: ['user'],
      window: session({ gap: '5m', longest: '1h' }),
      lateness: '2h',
      measures: { events: on.count(), total: on.sum('n') },
      derive: (row) => ({ rate: row.perSecond('events') }),
    }),
  }),
});

/** Sessions that wait a minute for slow events. */
const staysHasty = definePipeline({
  ...{ ...common, name: 'stays-hasty' },
  views: (on) => ({
    stays: on.view({
      key: ['user'],
      window: session({ gap: '5m' }),
      lateness: '1m',
      measures: { events: on.count(), total: on.sum('n') },
    }),
  }),
});

/** Days, weeks and months of Berlin. */
const calendar = definePipeline({
  ...{ ...common, name: 'calendar', dedupe: { within: '80d' } },
  views: (on) => {
    const view = { key: [], lateness: '40d', measures: { total: on.sum('n') } } as const;
    return {
      byDay: on.view({ ...view, window: days('Europe/Berlin') }),
      byMonth: on.view({ ...view, window: months('Europe/Berlin') }),
      bySunday: on.view({ ...view, window: weeks('Europe/Berlin', { startsOn: 'sunday' }) }),
      byWeek: on.view({ ...view, window: weeks('Europe/Berlin') }),
    };
  },
});

/** One row per user for all time. */
const totals = definePipeline({
  ...{ ...common, name: 'totals', dedupe: { within: '1h' } },
  views: (on) => ({
    totals: on.view({
      key: ['user'],
      window: global(),
      measures: { events: on.count(), total: on.sum('n') },
    }),
  }),
});

/** The pipelines of the cases of windows, by name. */
export const windowPipelines: Readonly<Record<string, Pipeline>> = {
  ...{ calendar, hops, hopsHasty, stays, staysHasty, totals },
};
