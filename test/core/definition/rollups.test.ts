import { definePipeline, hopping, session, tumbling } from 'millrace';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import type { Plan } from '../../../core/plan.ts';

/** The plan of a view of ten seconds, with other options on top. */
function define(view: object): Plan {
  return definePipeline({
    name: 'x',
    schema: Type.Object({ id: Type.String(), at: Type.Integer() }),
    ...{ id: 'id', time: 'at', partitionKey: 'id', dedupe: 'off' },
    views: (on) => ({
      v: on.view({ key: [], window: tumbling('10s'), measures: { c: on.count() }, ...view }),
    }),
  }).plan;
}

function problemsOf(view: object): readonly string[] {
  try {
    define(view);
    return [];
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'definition') return error.problems;
    throw error;
  }
}

const year = 365 * 86_400_000;

describe('rollups', () => {
  it('are the view again in longer windows of the same offset, each of its own retention', () => {
    const [view] = define({
      ...{ window: tumbling('10s', { offset: '4s' }), lateness: '5s', retain: '2h' },
      rollups: [{ size: '1m', retain: '7d' }, { size: '1h', retain: '730d' }, { size: '1d' }],
    }).views;
    expect(view!.rollups.map(({ window, retain }) => [window.json, retain])).toEqual([
      [{ kind: 'tumbling', seconds: 60, offsetSeconds: 4 }, 7 * 86_400_000],
      [{ kind: 'tumbling', seconds: 3_600, offsetSeconds: 4 }, 2 * year],
      [{ kind: 'tumbling', seconds: 86_400, offsetSeconds: 4 }, null],
    ]);
    for (const rollup of view!.rollups) {
      const { name, key, lateness, measures, derived } = view!;
      expect(rollup).toMatchObject({ name, key, lateness, measures, derived, rollups: [] });
    }
  });

  it('make stored bytes mean something else, how long they are kept does not', () => {
    const shape = (rollups: object, retain = '1h') => define({ rollups, retain }).shape;
    expect(shape([{ size: '1m' }])).not.toBe(define({}).shape);
    expect(shape([{ size: '1m' }])).not.toBe(shape([{ size: '2m' }]));
    expect(shape([{ size: '1m' }])).toBe(shape([{ size: '60s', retain: '3h' }], '2h'));
    expect(define({ rollups: [] }).shape).toBe(define({}).shape);
  });

  it.each<[string, object, string]>([
    [
      'no array',
      { rollups: { '1m': '7d' } },
      "rollups must be an array such as [{ size: '1h', retain: '90d' }]",
    ],
    [
      'too many',
      { rollups: Array.from({ length: 9 }, (_, i) => ({ size: `${20 * 2 ** i}s` })) },
      'at most 8 rollups, not 9',
    ],
    [
      'without a size',
      { rollups: [{}] },
      'rollup without size: its size must be a multiple of the next finer one, 10s, and more',
    ],
    [
      'of no object',
      { rollups: ['1m'] },
      'rollup without size: its size must be a multiple of the next finer one, 10s, and more',
    ],
    [
      'as long as the window',
      { rollups: [{ size: '10s' }] },
      'rollup "10s": its size must be a multiple of the next finer one, 10s, and more',
    ],
    [
      'of no multiple of the window',
      { rollups: [{ size: '15s' }] },
      'rollup "15s": its size must be a multiple of the next finer one, 10s, and more',
    ],
    [
      'of no multiple of the finer one',
      { rollups: [{ size: '1m' }, { size: '90s' }] },
      'rollup "90s": its size must be a multiple of the next finer one, 1m, and more',
    ],
    [
      'kept for no duration',
      { retain: '1h', rollups: [{ size: '1m', retain: 'long' }] },
      `rollup "1m": retain must be a duration such as '90d'`,
    ],
    [
      'kept shorter than they may change',
      { retain: '1m', lateness: '50s', rollups: [{ size: '1m', retain: '100s' }] },
      'rollup "1m": retain must be at least its size + lateness',
    ],
    [
      'kept shorter than finer ones',
      { retain: '2h', rollups: [{ size: '1m', retain: '1h' }] },
      'rollup "1m": retain must be at least that of the next finer one, 2h',
    ],
    [
      'not kept for ever as finer ones are',
      { rollups: [{ size: '1m', retain: '7d' }] },
      'rollup "1m": retain must be at least that of the next finer one, for ever',
    ],
    [
      'with an option that is none',
      { rollups: [{ size: '1m', keep: '7d' }] },
      "'keep' is not an option of a rollup",
    ],
    [
      'of sessions',
      { window: session({ gap: '1m' }), rollups: [{ size: '1h' }] },
      'there are rollups of tumbling windows alone, not of session ones',
    ],
    [
      'of hopping windows',
      { window: hopping({ size: '1m', slide: '10s' }), rollups: [] },
      'there are rollups of tumbling windows alone, not of hopping ones',
    ],
  ])('%s are refused', (_, view, problem) => {
    expect(problemsOf(view)).toEqual([`view 'v': ${problem}`]);
  });
});
