import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import type { MillraceError } from '../../../core/errors.ts';

type Raw = Record<string, unknown>;
type Make = (on: On) => Raw;
/** The builder as someone without types meets it. */
interface On {
  view(view: Raw): unknown;
  count(): unknown;
  quantiles(field: string, at: unknown): unknown;
  histogram(field: string, edges: unknown): unknown;
  topK(field: string, k: unknown): unknown;
  distinct(field: string): unknown;
  sum(field: string, options: unknown): unknown;
  where(match?: unknown): On;
}
interface DeriveOf {
  perSecond(of: string): unknown;
}

const schema = Type.Object({ id: Type.String(), at: Type.Integer(), who: Type.String() });

/** The shape of a pipeline of one view with these measures, or what is wrong with it. */
function define(of: Make): string | readonly string[] {
  const definition = {
    ...{ name: 'x', schema, id: 'id', time: 'at', partitionKey: 'who' },
    views: (on: On) => ({ v: on.view({ key: [], window: tumbling('1m'), ...of(on) }) }),
  };
  try {
    return definePipeline(definition as never).plan.shape;
  } catch (error) {
    return (error as MillraceError).problems;
  }
}

test.each<[string, Make, string]>([
  ...[[], [1.1], [-0.1], ['0.5'], [0.1234567], undefined].map((at): [string, Make, string] => [
    `quantiles at ${JSON.stringify(at)}`,
    (on) => ({ measures: { q: on.quantiles('at', at) } }),
    "measure 'q': quantiles must be 1 to 32 numbers from 0 to 1 of at most six decimals",
  ]),
  [
    'a quantile twice',
    (on) => ({ measures: { q: on.quantiles('at', [0.5, 0.5]) } }),
    "measure 'q': a quantile is named twice",
  ],
  ...[[], [2, 1], [1, 1], [0, -0], [Number.NaN], 'x', Array.from({ length: 65 }, (_, i) => i)].map(
    (edges): [string, Make, string] => [
      `a histogram of ${JSON.stringify(edges).slice(0, 20)}`,
      (on) => ({ measures: { h: on.histogram('at', edges) } }),
      "measure 'h': the edges of a histogram must be 1 to 64 ascending numbers",
    ],
  ),
  ...[0, 101, 1.5, '3', undefined].map((k): [string, Make, string] => [
    `a top of ${k}`,
    (on) => ({ measures: { t: on.topK('who', k) } }),
    "measure 't': the number of top values must be 1 to 100",
  ]),
  ...[() => false, undefined, null, ['who'], 'who'].map((match): [string, Make, string] => [
    `where ${match}`,
    (on) => ({ measures: { c: on.where(match).count() } }),
    "measure 'c': where must be an object of fields and values, such as { type: 'click' }",
  ]),
  [
    'where a field is a list',
    (on) => ({ measures: { c: on.where({ who: ['a'] }).count() } }),
    "measure 'c': where who: must be a text, a number or a boolean",
  ],
  [
    'an option that is none',
    (on) => ({ measures: { s: on.sum('at', { sacle: 2 }) } }),
    "measure 's': 'sacle' is not an option of a measure",
  ],
  [
    'a scale that is no option',
    (on) => ({ measures: { s: on.sum('at', 2) } }),
    "measure 's': 'options' is not an option of a measure",
  ],
  [
    'distinct values of a missing field',
    (on) => ({ measures: { d: on.distinct('n') } }),
    "measure 'd': no field 'n'",
  ],
  [
    'derive of a measure of several numbers',
    (on) => ({
      measures: { q: on.quantiles('at', [0.5, 0.99]) },
      derive: (row: DeriveOf) => ({ x: row.perSecond('q') }),
    }),
    "derived 'x': 'q' is not one number; it has q.p50, q.p99",
  ],
  [
    'derive of a quantile nobody asked for',
    (on) => ({
      measures: { q: on.quantiles('at', [0.5]) },
      derive: (row: DeriveOf) => ({ x: row.perSecond('q.p99') }),
    }),
    "derived 'x': there is no measure 'q.p99'",
  ],
])('%s is refused', (_, of, problem) => {
  expect(define(of)).toEqual([`view 'v': ${problem}`]);
});

test('whatever their stored bytes depend on is in the shape', () => {
  const shapes = [
    define((on) => ({ measures: { c: on.count() } })),
    define((on) => ({ measures: { c: on.quantiles('at', [0.5]) } })),
    define((on) => ({ measures: { c: on.histogram('at', [0]) } })),
    define((on) => ({ measures: { c: on.histogram('at', [1]) } })),
    define((on) => ({ measures: { c: on.topK('at', 1) } })),
    define((on) => ({ measures: { c: on.topK('at', 2) } })),
  ];
  expect(new Set(shapes).size).toBe(shapes.length);
});

test('other quantiles of the same field are read from the same stored bytes', () => {
  const shape = (at: number[]) => define((on) => ({ measures: { q: on.quantiles('at', at) } }));
  expect(shape([0.5])).toBe(shape([0.25, 0.999]));
  expect(shape([0.5])).toEqual(expect.any(String));
});
