import { definePipeline, global, hopping, type Pipeline, session, tumbling } from 'millrace';
import { Type } from 'typebox';
import type { StreamRecord } from '../../../core/event.ts';
import type { ViewName, Visit } from '../window/model.ts';

/** A visit to a room. */
export interface RoomVisit extends Visit {
  readonly room: string;
}

/** Views of the windows that the model knows, with a key of two parts. */
export function roomsPipeline(options: {
  readonly lateness: '0s' | '20s' | '10m';
  readonly retain?: '2m';
}): Pipeline {
  const { lateness } = options;
  const kept = options.retain === undefined ? {} : { retain: options.retain };
  return definePipeline({
    name: 'rooms',
    schema: Type.Object({
      ...{ id: Type.String(), at: Type.Integer(), who: Type.String(), room: Type.String() },
      n: Type.Integer(),
    }),
    ...{ id: 'id', time: 'at', partitionKey: 'who', dedupe: 'off' },
    views: (on) => {
      const measures = { visits: on.count(), total: on.sum('n'), least: on.min('n') };
      const key = ['who', 'room'] as const;
      const view = { key, lateness, measures, ...kept };
      return {
        shifted: on.view({ ...view, window: tumbling('20s', { offset: '7s' }) }),
        hops: on.view({ ...view, window: hopping({ size: '35s', slide: '5s', offset: '2s' }) }),
        stays: on.view({ ...view, window: session({ gap: '5s', longest: '30s' }) }),
        ever: on.view({ key, measures, window: global() }),
      };
    },
  });
}

/** The views of it. */
export const roomViews = ['shifted', 'hops', 'stays', 'ever'] as const satisfies ViewName[];

/** A record of visits at a position. */
export function visitsRecord(position: number, visits: readonly RoomVisit[]): StreamRecord {
  const body = new TextEncoder().encode(JSON.stringify(visits));
  const arrival = Date.UTC(2001, 5, 1);
  return { position: BigInt(position), partitionKey: '', arrival, body };
}
