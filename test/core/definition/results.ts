/** The types that a definition gives its queries; `tsc` checks them, a test counts them. Nothing here is ever run. */
import { definePipeline, type Pipeline, type Row, tumbling } from 'millrace';
import { Type } from 'typebox';
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
  return [busiest.rows[0]?.measures.miles, clicked.rows[0]?.measures.ctr];
}
