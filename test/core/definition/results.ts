/** The types that a definition gives its queries; `tsc` checks them, a test counts them. Nothing here is ever run. */
import { definePipeline, type Pipeline, type Row, reference, tumbling } from 'millrace';
import { Type } from 'typebox';
import type { Top } from '../../../core/pipeline-types.ts';
import type { Grouped } from '../../../core/query/query.ts';
import type { Reader } from '../../../core/query/reader.ts';
import { flights } from '../../../pipelines/flights.ts';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const shared = { id: Type.String(), at: Type.Integer(), campaign: Type.String() };

/** Impressions and clicks are a union of two kinds of event. */
export const ads = definePipeline({
  name: 'ads',
  schema: Type.Union([
    Type.Object({ type: Type.Literal('impression'), ...shared, slot: Type.String() }),
    Type.Object({ type: Type.Literal('click'), ...shared, price: Type.Number() }),
  ]),
  id: 'id',
  time: 'at',
  partitionKey: 'campaign',
  views: (on) => {
    const clicks = on.where({ type: 'click' });
    return {
      ctr: on.view({
        key: ['campaign'],
        window: tumbling('1m'),
        lateness: '5m',
        measures: {
          impressions: on.where({ type: 'impression' }).count(),
          clicks: clicks.count(),
          spent: clicks.sum('price', { scale: 2 }),
          dearest: clicks.max('price'),
          average: clicks.mean('price'),
        },
        derive: (row) => ({
          ctr: row.ratio('clicks', 'impressions'),
          rate: row.perSecond('clicks'),
        }),
      }),
    };
  },
});

/** A transform by null and array: filter and flatMap; a key of every scalar. */
export const days = definePipeline({
  name: 'days',
  schema: Type.Object({
    id: Type.String(),
    at: Type.Integer(),
    ok: Type.Boolean(),
    n: Type.Number(),
    label: Type.Optional(Type.String()),
  }),
  id: (event) => event.id,
  time: (event) => event.at,
  partitionKey: (event) => event.id,
  transform: (e) =>
    e.n > 0
      ? [
          { ...e, day: 'mon' },
          { ...e, day: 'tue' },
        ]
      : null,
  views: (on) => ({
    byDay: on.view({
      key: ['day', 'ok', 'n'],
      window: tumbling('1m'),
      measures: { s: on.sum('n'), m: on.mean('n'), first: on.min('label') },
    }),
  }),
});

/** Measures with results of several numbers, and those that take every scalar. */
export const sketches = definePipeline({
  name: 'sketches',
  schema: Type.Object({
    id: Type.String(),
    at: Type.Integer(),
    ok: Type.Boolean(),
    n: Type.Number(),
    status: Type.Union([Type.Literal('up'), Type.Literal('down')]),
    maybe: Type.Optional(Type.Number()),
  }),
  id: 'id',
  time: 'at',
  partitionKey: 'id',
  views: (on) => ({
    v: on.view({
      key: [],
      window: tumbling('1m'),
      measures: {
        q: on.quantiles('n', [0, 0.05, 0.5, 0.25, 0.999, 0.0001, 1]),
        some: on.quantiles('maybe', [0.5]),
        h: on.histogram('n', [-0.5, 0, 15]),
        d: on.distinct('ok'),
        top: on.topK('status', 3),
        first: on.first('status'),
        last: on.where({ ok: true }).last('ok'),
        spread: on.stddev('n', { scale: 2 }),
        square: on.where({ ok: true }).variance('n'),
      },
      derive: (row) => ({ skew: row.ratio('q.p99.9', 'q.p50'), low: row.perSecond('h.below') }),
    }),
  }),
});

/** A declared type does not make the callback forget the fields of its events. */
export const declared: Pipeline = definePipeline({
  name: 'declared',
  schema: Type.Object({ id: Type.String(), at: Type.Integer(), n: Type.Number() }),
  id: 'id',
  time: 'at',
  partitionKey: 'id',
  views: (on) => ({
    v: on.view({ key: ['id'], window: tumbling('1m'), measures: { s: on.sum('n') } }),
  }),
});

export const flightKey: Equal<Row<typeof flights, 'byOrigin'>['key'], { origin: string }> = true;
export const flightMeasures: Equal<
  Row<typeof flights, 'byOrigin'>['measures'],
  { flights: number; delay: number; earliest: number; latest: number; miles: number }
> = true;
export const routeKey: Equal<
  Row<typeof flights, 'byRoute'>['key'],
  { origin: string; route: string }
> = true;
export const viewName: Equal<Row<typeof flights, 'byRoute'>['view'], 'byRoute'> = true;
export const adMeasures: Equal<
  Row<typeof ads, 'ctr'>['measures'],
  {
    impressions: number;
    clicks: number;
    spent: number;
    dearest: number | null;
    average: number | null;
    ctr: number | null;
    rate: number;
  }
> = true;
export const dayKey: Equal<
  Row<typeof days, 'byDay'>['key'],
  { day: string; ok: boolean; n: number }
> = true;
export const dayMeasures: Equal<
  Row<typeof days, 'byDay'>['measures'],
  { s: number; m: number; first: string | null }
> = true;

export const sketchMeasures: Equal<
  Row<typeof sketches, 'v'>['measures'],
  {
    q: {
      readonly p0: number;
      readonly p5: number;
      readonly p50: number;
      readonly p25: number;
      readonly 'p99.9': number;
      readonly 'p0.01': number;
      readonly p100: number;
    };
    some: { readonly p50: number } | null;
    h: {
      readonly below: number;
      readonly 'from-0.5': number;
      readonly from0: number;
      readonly from15: number;
    };
    d: number;
    top: readonly Top<'up' | 'down'>[];
    first: 'up' | 'down';
    last: boolean | null;
    spread: number;
    square: number | null;
    skew: number | null;
    low: number;
  }
> = true;

/** A view of a limited number of keys: each row says whether it has one. */
export const limited = definePipeline({
  name: 'limited',
  schema: Type.Object({ id: Type.String(), at: Type.Integer(), page: Type.String() }),
  ...{ id: 'id', time: 'at', partitionKey: 'page' },
  views: (on) => ({
    byPage: on.view({
      key: ['page'],
      keysMax: 1_000,
      window: tumbling('1m'),
      measures: { c: on.count() },
    }),
  }),
});

export const pageOfOverflow: Equal<
  Extract<Row<typeof limited, 'byPage'>, { overflow: true }>['key'],
  { readonly page: null }
> = true;

export const pageOfKey: Equal<
  Extract<Row<typeof limited, 'byPage'>, { overflow: false }>['key'],
  { page: string }
> = true;

export const noOverflow: Equal<'overflow' extends keyof Row<typeof ads, 'ctr'> ? 1 : 0, 0> = true;

/** What a transform looks up flows into its view. */
export const enriched = definePipeline({
  name: 'enriched',
  schema: Type.Object({ id: Type.String(), at: Type.Integer(), plane: Type.Integer() }),
  ...{ id: 'id', time: 'at', partitionKey: 'id' },
  references: {
    planes: reference({
      key: 'tail',
      schema: Type.Object({
        tail: Type.Integer(),
        seats: Type.Optional(Type.Integer()),
        maker: Type.Union([Type.Literal('airbus'), Type.Literal('boeing')]),
      }),
    }),
  },
  transform: ({ plane }, { planes }) => {
    const found = planes.get(plane);
    return { maker: found?.maker ?? ('unknown' as const), seats: found?.seats };
  },
  views: (on) => ({
    byMaker: on.view({
      key: ['maker'],
      window: tumbling('1m'),
      measures: { seats: on.mean('seats') },
    }),
  }),
});

export const madeBy: Equal<
  Row<typeof enriched, 'byMaker'>['key'],
  { maker: 'airbus' | 'boeing' | 'unknown' }
> = true;

export const groupKey: Equal<
  Grouped<Row<typeof days, 'byDay'>, 'day' | 'n'>['key'],
  { day: string; n: number }
> = true;

/** The types flow through a query. */
export async function asked(
  reader: Reader,
): Promise<readonly [miles: number | undefined, ctr: number | null | undefined]> {
  const busiest = await reader.query(flights, 'byOrigin', {
    from: '2001-01-01',
    key: { origin: 'SFO' },
    orderBy: '-miles',
    limit: 20,
  });
  const clicked = await reader.query(ads, 'ctr', { orderBy: 'ctr' });
  const days2001 = await reader.query(days, 'byDay', { group: ['day'], prefix: { day: '2001' } });
  const key: { readonly day: string } | undefined = days2001.rows[0]?.key;
  const { rows, gone } = await reader.changes(days, 'byDay', null, { group: [] });
  const none: Record<string, never> | undefined = rows[0]?.key;
  gone.map(({ start }) => [start, key, none]);
  await reader.query(sketches, 'v', { orderBy: '-q.p99.9' });
  await reader.query(sketches, 'v', { orderBy: 'h.from-0.5' });
  await reader.query(sketches, 'v', { orderBy: 'last' });
  const pages = await reader.query(limited, 'byPage', { key: { page: '/' } });
  for (const row of pages.rows) if (!row.overflow) row.key.page.toUpperCase();
  return [busiest.rows[0]?.measures.miles, clicked.rows[0]?.measures.ctr];
}
