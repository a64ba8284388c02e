import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

/** Sales per shop and hour. */
export const sales = definePipeline({
  name: 'sales',
  schema: Type.Object({
    id: Type.String({ maxLength: 2_000 }),
    at: Type.String({ format: 'date-time' }),
    shop: Type.String(),
    cents: Type.Integer(),
  }),
  id: 'id',
  time: 'at',
  partitionKey: 'shop',
  dedupe: { within: '8d' },
  // Nothing is idle: how fast a test goes must not decide what is late.
  watermark: { outOfOrder: '7d', idleAfter: '1d' },
  views: (on) => ({
    perShop: on.view({
      key: ['shop'],
      window: tumbling('1h'),
      lateness: '1d',
      rollups: [{ size: '1d' }],
      measures: { sold: on.count(), cents: on.sum('cents'), least: on.min('cents') },
      derive: (row) => ({ price: row.ratio('cents', 'sold') }),
    }),
    perDay: on.view({
      key: [],
      window: tumbling('1d'),
      measures: { sold: on.count() },
    }),
  }),
});

/** Visits per shop and hour: another schema on the same stream, and a view of a name that sales has too. */
export const visits = definePipeline({
  name: 'visits',
  schema: Type.Object({
    id: Type.String(),
    at: Type.String({ format: 'date-time' }),
    shop: Type.String(),
    visitor: Type.String(),
    minutes: Type.Optional(Type.Number()),
  }),
  id: 'id',
  time: 'at',
  partitionKey: 'shop',
  dedupe: { within: '8d' },
  // Nothing is idle: how fast a test goes must not decide what is late.
  watermark: { outOfOrder: '7d', idleAfter: '1d' },
  views: (on) => ({
    perShop: on.view({
      key: ['shop'],
      window: tumbling('1h'),
      lateness: '1d',
      measures: {
        visits: on.count(),
        visitors: on.distinct('visitor'),
        often: on.topK('visitor', 2),
        newest: on.last('visitor'),
        stay: on.quantiles('minutes', [0.5, 0.99]),
        stays: on.histogram('minutes', [1, 10]),
        spread: on.stddev('minutes'),
      },
      derive: (row) => ({ long: row.ratio('stays.from10', 'visits') }),
    }),
  }),
});

/** An event of sales; `n` makes it unique. */
export function sale(n: number, more: object = {}): object {
  return { id: `s${n}`, at: '2026-01-01T10:30:00Z', shop: 'oslo', cents: 100 + n, ...more };
}
