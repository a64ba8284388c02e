import { definePipeline, type Pipeline, spread, tumbling } from 'millrace';
import { Type } from 'typebox';
import { flights } from '../../pipelines/flights.ts';
import { rollupPipelines } from './rollup-pipelines.ts';
import { windowPipelines } from './window-pipelines.ts';

const time = Type.String({ format: 'date-time' });
const Id = Type.String();

/** Per user and minute, every measure; no bound, no lateness. */
const clicks = definePipeline({
  name: 'clicks',
  schema: Type.Object({ id: Id, at: time, user: Type.String(), n: Type.Number() }),
  ...{ id: 'id', time: 'at', partitionKey: 'user' },
  views: (on) => ({
    byUser: on.view({
      key: ['user'],
      window: tumbling('1m'),
      measures: {
        clicks: on.count(),
        total: on.sum('n'),
        mean: on.mean('n'),
        least: on.min('n'),
        most: on.max('n'),
      },
    }),
  }),
});

/** One view that waits two minutes for slow events and one that does not; a bound of 30 seconds. */
const patience = definePipeline({
  name: 'patience',
  schema: Type.Object({ id: Id, at: time, user: Type.String() }),
  ...{ id: 'id', time: 'at', partitionKey: 'user' },
  // Nothing is idle: how fast a test goes must not decide what is late.
  watermark: { outOfOrder: '30s', idleAfter: '1d' },
  views: (on) => ({
    hasty: on.view({ key: [], window: tumbling('1m'), measures: { events: on.count() } }),
    patient: on.view({
      key: ['user'],
      window: tumbling('1m'),
      lateness: '2m',
      measures: { events: on.count() },
    }),
  }),
});

/** Hourly counts whose ids are remembered for a minute only. */
const forgetful = definePipeline({
  name: 'forgetful',
  schema: Type.Object({ id: Id, at: time, user: Type.String() }),
  ...{ id: 'id', time: 'at', partitionKey: 'user', dedupe: { within: '1m' } },
  views: (on) => ({
    hourly: on.view({ key: ['user'], window: tumbling('1h'), measures: { events: on.count() } }),
  }),
});

/** Orders become one output per item; orders of nothing are filtered. */
const orders = definePipeline({
  name: 'orders',
  schema: Type.Object({
    id: Id,
    at: time,
    shop: Type.String(),
    items: Type.Array(Type.Object({ sku: Type.String(), price: Type.Number() })),
  }),
  ...{ id: 'id', time: 'at', partitionKey: 'shop' },
  transform: ({ shop, items }) =>
    items.length === 0 ? null : items.map((item) => ({ shop, ...item })),
  views: (on) => ({
    bySku: on.view({
      key: ['sku'],
      window: tumbling('1m'),
      measures: { sold: on.count(), revenue: on.sum('price', { scale: 2 }) },
    }),
  }),
});

const shared = { id: Id, at: time, campaign: Type.String() };

/** Impressions and clicks of campaigns. */
const ads = definePipeline({
  name: 'ads',
  schema: Type.Union([
    Type.Object({ type: Type.Literal('impression'), ...shared }),
    Type.Object({ type: Type.Literal('click'), ...shared, price: Type.Number() }),
  ]),
  ...{ id: 'id', time: 'at', partitionKey: 'campaign' },
  views: (on) => {
    const clicked = on.where({ type: 'click' });
    return {
      ctr: on.view({
        key: ['campaign'],
        window: tumbling('1m'),
        measures: {
          impressions: on.where({ type: 'impression' }).count(),
          clicks: clicked.count(),
          spent: clicked.sum('price', { scale: 2 }),
          dearest: clicked.max('price'),
          average: clicked.mean('price', { scale: 2 }),
        },
        derive: (row) => ({
          ctr: row.ratio('clicks', 'impressions'),
          rate: row.perSecond('impressions'),
        }),
      }),
    };
  },
});

/** Sums and means of one number at several scales. */
const scales = definePipeline({
  name: 'scales',
  schema: Type.Object({ id: Id, at: time, account: Type.String(), n: Type.Number() }),
  ...{ id: 'id', time: 'at', partitionKey: 'id' },
  views: (on) => ({
    sums: on.view({
      key: ['account'],
      window: tumbling('1h'),
      measures: {
        whole: on.sum('n'),
        cents: on.sum('n', { scale: 2 }),
        fine: on.sum('n', { scale: 12 }),
        mean: on.mean('n', { scale: 12 }),
      },
    }),
  }),
});

/** The first and the last of numbers, of texts and of both. */
const extremes = definePipeline({
  name: 'extremes',
  schema: Type.Object({
    id: Id,
    at: time,
    sensor: Type.String(),
    value: Type.Optional(Type.Union([Type.Number(), Type.String(), Type.Null()])),
  }),
  ...{ id: 'id', time: 'at', partitionKey: 'id' },
  views: (on) => ({
    range: on.view({
      key: ['sensor'],
      window: tumbling('1h'),
      measures: { events: on.count(), least: on.min('value'), most: on.max('value') },
    }),
  }),
});

/** Every measure of more than one number, of the latest event, and of distinct values. */
const requests = definePipeline({
  name: 'requests',
  schema: Type.Object({
    id: Id,
    at: time,
    path: Type.String(),
    user: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
    ms: Type.Optional(Type.Number()),
  }),
  ...{ id: 'id', time: 'at', partitionKey: 'id' },
  views: (on) => ({
    byMinute: on.view({
      key: [],
      window: tumbling('1m'),
      lateness: '1m',
      measures: {
        users: on.distinct('user'),
        paths: on.topK('path', 2),
        opened: on.first('user'),
        closed: on.last('user'),
        ms: on.quantiles('ms', [0.5, 0.999]),
        slow: on.histogram('ms', [0, 100]),
        variance: on.variance('ms', { scale: 1 }),
        spread: on.where({ path: '/b' }).stddev('ms'),
      },
      derive: (row) => ({
        tail: row.ratio('ms.p99.9', 'ms.p50'),
        slow100: row.perSecond('slow.from100'),
      }),
    }),
  }),
});

/** Keys of two texts, and keys of a boolean and a number. */
const keys = definePipeline({
  name: 'keys',
  schema: Type.Object({
    id: Id,
    at: time,
    city: Type.String(),
    lane: Type.String(),
    open: Type.Boolean(),
    level: Type.Number(),
  }),
  ...{ id: 'id', time: 'at', partitionKey: 'city' },
  views: (on) => ({
    places: on.view({ key: ['city', 'lane'], window: tumbling('1d'), measures: { n: on.count() } }),
    states: on.view({
      key: ['open', 'level'],
      window: tumbling('1d'),
      measures: { n: on.count() },
    }),
  }),
  dedupe: 'off',
});

/** Fails where the event says so. */
const fragile = definePipeline({
  name: 'fragile',
  schema: Type.Object({ id: Id, at: time, key: Type.String(), n: Type.Number() }),
  ...{ id: 'id', time: 'at', partitionKey: 'key' },
  transform: (event) => {
    if (event.n === 13) throw new Error('unlucky');
    return event;
  },
  views: (on) => ({
    v: on.view({
      key: ['key'],
      window: tumbling('1m'),
      measures: { n: on.count(), sum: on.sum('n') },
    }),
  }),
});

/** Sales whose shops are spread over several sub-keys; an hour late is in time. */
const tills = definePipeline({
  name: 'tills',
  schema: Type.Object({
    id: Type.Union([Id, Type.Integer()]),
    ...{ at: time, shop: Type.String(), paid: Type.Number() },
  }),
  ...{ id: 'id', time: 'at', partitionKey: spread('shop', 4) },
  dedupe: { within: '2h' },
  views: (on) => ({
    byShop: on.view({
      key: ['shop'],
      window: tumbling('1m'),
      lateness: '1h',
      measures: {
        sales: on.count(),
        paid: on.sum('paid', { scale: 2 }),
        dearest: on.max('paid'),
      },
    }),
  }),
});

/** At most two keys of an entry have rows of their own. */
const few = definePipeline({
  name: 'few',
  schema: Type.Object({ id: Id, at: time, key: Type.String(), n: Type.Integer() }),
  ...{ id: 'id', time: 'at', partitionKey: 'key' },
  views: (on) => ({
    all: on.view({ key: [], window: tumbling('1m'), measures: { n: on.sum('n') } }),
    few: on.view({
      key: ['key'],
      keysMax: 2,
      window: tumbling('1m'),
      measures: { n: on.sum('n') },
    }),
  }),
});

/** The pipelines of the cases, by name. */
export const pipelines: Readonly<Record<string, Pipeline>> = {
  ...{
    ads,
    clicks,
    extremes,
    few,
    flights,
    forgetful,
    fragile,
    keys,
    orders,
    patience,
    requests,
    scales,
    tills,
  },
  ...rollupPipelines,
  ...windowPipelines,
};
