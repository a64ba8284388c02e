import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { timeMin } from '../../../core/event.ts';
import { derive } from '../../../core/query/derive.ts';
import { allRows, ordersOf, select } from '../../../core/query/select.ts';
import { Rows } from '../../../core/view/rows.ts';

const [view] = definePipeline({
  name: 'members',
  schema: Type.Object({
    id: Type.String(),
    at: Type.Integer(),
    who: Type.String(),
    n: Type.Number(),
  }),
  ...{ id: 'id', time: 'at', partitionKey: 'who' },
  views: (on) => ({
    v: on.view({
      key: ['who'],
      window: tumbling('1m'),
      measures: {
        q: on.quantiles('n', [0, 0.999]),
        h: on.histogram('n', [-0.5, 10]),
        top: on.topK('n', 2),
        last: on.last('who'),
      },
      derive: (row) => ({
        high: row.ratio('h.from10', 'h.from-0.5'),
        tail: row.perSecond('q.p99.9'),
      }),
    }),
  }),
}).plan.views;

const rows = new Rows(view!);
for (const [who, ...values] of [['a', 100, 1, 1], ['b', 50, 60, -7], ['none'], ['c', 5]] as const) {
  const row = rows.row(0, [who]);
  for (const n of values) {
    for (const column of rows.columns) column.add(row, n, { time: n, id: who });
  }
}

function ordered(orderBy: string | null): unknown[] {
  return select(rows, { ...allRows, orderBy }, timeMin).rows.map((row) => rows.key(row)[0]);
}

test('rows are ordered by a number of a measure that has several, nothing first', () => {
  expect(ordered('q.p99.9')).toEqual(['none', 'a', 'c', 'b']);
  expect(ordered('-q.p0')).toEqual(['c', 'a', 'b', 'none']);
  expect(ordered('h.from-0.5')).toEqual(['b', 'none', 'c', 'a']);
  expect(ordered('-h.below')).toEqual(['b', 'a', 'c', 'none']);
});

test('what can be ordered by is listed, and nothing else is taken', () => {
  const names = ['q.p0', 'q.p99.9', 'h.below', 'h.from-0.5', 'h.from10', 'last', 'high', 'tail'];
  expect(ordersOf(view!)).toEqual(names);
  for (const wrong of ['q', '-h', 'top', 'top.count', 'q.p50', 'last.x', 'high.x', 'q.']) {
    expect(() => ordered(wrong)).toThrow(`there are ${names.join(', ')}`);
  }
});

test('derived values take numbers of several, and are null where there is none', () => {
  const [high, tail] = view!.derived;
  const values = [0, 1, 2].map((row) => [derive(rows, high!, row), derive(rows, tail!, row)]);
  expect(values[0]![0]).toBe(0.5);
  expect(values[1]).toEqual([null, expect.closeTo(0.83, 2)]);
  expect(values[2]).toEqual([null, null]);
});
