import { Type } from 'typebox';
import { definePipeline, hopping, session, tumbling } from '../../core/pipeline.ts';
import type { Plan } from '../../core/plan.ts';

const rollups = [{ size: '20s', retain: '40s' }, { size: '1m' }] as const;

function definitionOf(kept: boolean) {
  return definePipeline({
    name: 'sim',
    schema: Type.Object({
      id: Type.String(),
      at: Type.Integer(),
      kind: Type.String(),
      user: Type.String(),
      amount: Type.Number(),
      level: Type.Optional(Type.Integer()),
      parts: Type.Integer({ minimum: 0, maximum: 3 }),
    }),
    id: 'id',
    time: 'at',
    partitionKey: 'user',
    watermark: { outOfOrder: '4s', futureSkew: '1m', idleAfter: '10s' },
    dedupe: { within: '30s' },
    transform: (event) => {
      if (event.kind === 'boom') throw new Error('boom');
      if (event.kind === 'skip') return null;
      if (event.parts === 1) return { ...event, part: 0 };
      return Array.from({ length: event.parts }, (_, part) => ({ ...event, part }));
    },
    views: (on) => ({
      byKind: on.view({
        key: ['kind'],
        window: tumbling('10s'),
        lateness: '5s',
        ...(kept ? { retain: '20s', rollups } : {}),
        measures: {
          n: on.count(),
          total: on.sum('amount', { scale: 2 }),
          low: on.min('level'),
          high: on.max('level'),
          level: on.mean('level'),
          users: on.distinct('user'),
          newest: on.last('part'),
        },
      }),
      byUser: on.view({
        key: ['user', 'part'],
        window: tumbling('1m'),
        lateness: '20s',
        ...(kept ? { retain: '90s' } : {}),
        measures: {
          n: on.count(),
          last: on.max('kind'),
          hot: on.where({ kind: 'hot' }).count(),
          oldest: on.first('amount'),
        },
      }),
      hops: on.view({
        key: ['kind'],
        window: hopping({ size: '30s', slide: '10s' }),
        lateness: '2s',
        ...(kept ? { retain: '40s' } : {}),
        measures: { n: on.count() },
      }),
      stays: on.view({
        key: ['kind'],
        window: session({ gap: '2s', longest: '10s' }),
        lateness: '8s',
        ...(kept ? { retain: '20s' } : {}),
        measures: { n: on.count() },
      }),
    }),
  });
}

/**
 * The pipeline that the simulation runs: pages of one window and of six, windows that are put together from panes, a
 * filter, a flat map, a function that throws, optional fields, and ids that are forgotten while their windows are
 * still open to late events.
 */
export const pipeline = definitionOf(false);

/** The same with windows that expire after seconds, and one view that is rolled up: its entries are the same. */
export const keeping = definitionOf(true);

/** The views that are published: of panes, put together from panes, and sessions. */
export const publishedViews: readonly string[] = ['byKind', 'hops', 'stays'];

/** The sink of the views that are published. */
export const sinkName = 'out';

/** The plan of a schedule. What is published changes nothing for those who only process or read. */
export function planOf({
  kept,
  publishers,
}: {
  readonly kept: boolean;
  readonly publishers: number;
}): Plan {
  const { plan } = kept ? keeping : pipeline;
  if (publishers === 0) return plan;
  const publish = { to: sinkName, early: null };
  const views = plan.views.map((view) =>
    publishedViews.includes(view.name) ? { ...view, publish } : view,
  );
  return { ...plan, views };
}
