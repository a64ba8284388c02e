import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { noon } from '../folding.ts';

/** An event of these tests; `at` counts seconds after noon. */
export interface Tick {
  readonly id: string;
  readonly at: number;
  readonly who: string;
  readonly n: number;
}

let made = 0;

/** An event at so many seconds after noon; ids are all different unless told. */
export function tick(at: number, changes: Partial<Tick> & Record<string, unknown> = {}): Tick {
  made += 1;
  return { id: `t${made}`, who: 'a', n: 1, ...changes, at: noon + at * 1000 };
}

const schema = Type.Object({
  id: Type.String(),
  at: Type.Number(),
  who: Type.String(),
  n: Type.Number(),
});
const base = { schema, id: 'id', time: 'at', partitionKey: 'who' } as const;

/** A minute's count and sum by `who`: no lateness, bound of 10 s, ids remembered for 2 minutes in buckets of 15 s. */
export const minutes = definePipeline({
  ...base,
  name: 'minutes',
  watermark: { outOfOrder: '10s', futureSkew: '5m' },
  dedupe: { within: '2m' },
  views: (on) => ({
    v: on.view({
      key: ['who'],
      window: tumbling('1m'),
      measures: { c: on.count(), s: on.sum('n', { scale: 2 }) },
    }),
  }),
});

/** Two views: one without lateness and one with an hour of it. No bound, no dedupe. */
export const patient = definePipeline({
  ...base,
  name: 'patient',
  dedupe: 'off',
  views: (on) => ({
    strict: on.view({ key: ['who'], window: tumbling('1m'), measures: { c: on.count() } }),
    patient: on.view({
      key: ['who', 'n'],
      window: tumbling('1m'),
      lateness: '1h',
      measures: { c: on.count(), s: on.sum('n') },
    }),
  }),
});
