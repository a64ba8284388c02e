import fc from 'fast-check';
import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { timeMin } from '../../../core/event.ts';
import { derive } from '../../../core/query/derive.ts';
import { allRows, type Selection, select } from '../../../core/query/select.ts';
import { compareScalars } from '../../../core/scalars.ts';
import { Rows } from '../../../core/view/rows.ts';

const Any = Type.Unsafe<string>({});
const [view] = definePipeline({
  name: 'x',
  schema: Type.Object({ id: Type.String(), at: Type.Integer(), a: Any, b: Any, n: Type.Number() }),
  ...{ id: 'id', time: 'at', partitionKey: 'id' },
  views: (on) => ({
    v: on.view({
      key: ['a', 'b'],
      window: tumbling('1m'),
      retain: '10m',
      measures: {
        c: on.count(),
        s: on.sum('n', { scale: 2 }),
        m: on.mean('n'),
        least: on.min('a'),
      },
      derive: (row) => ({ each: row.ratio('s', 'c'), rate: row.perSecond('c') }),
    }),
  }),
}).plan.views;

const everything: Selection = { ...allRows, limit: 10_000 };
const names = ['c', 's', 'm', 'least', 'each', 'rate'];

/** A table of rows: minute, key and the values that were added to it. */
function tableOf(
  rows: readonly (readonly [number, string | number | boolean, string, number[]])[],
) {
  const table = new Rows(view!);
  for (const [minute, a, b, values] of rows) {
    const row = table.row(minute * 60_000, [a, b]);
    for (const value of values) {
      for (const [i, column] of table.columns.entries())
        column.add(row, i === 3 ? String(value) : value, { time: 0, id: '' });
    }
  }
  return table;
}

const table = fc
  .array(
    fc.tuple(
      fc.nat(4),
      fc.constantFrom<string | number | boolean>('x', 'y', '', 1, 10, 9, true, false, '1'),
      fc.constantFrom('p', 'q'),
      fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 3 }),
    ),
    { maxLength: 60 },
  )
  .map(tableOf);
const order = fc.constantFrom(null, ...names, ...names.map((name) => `-${name}`));

/** A row's place in the table's own order, written anew: start, then each key part. */
function naturalOrder(rows: Rows, a: number, b: number): number {
  const rank = { boolean: 0, number: 1, string: 2 } as Record<string, number>;
  if (rows.starts[a] !== rows.starts[b]) return rows.starts[a]! - rows.starts[b]!;
  for (const part of rows.keys) {
    const [left, right] = [part[a]!, part[b]!];
    if (left === right) continue;
    const kinds = rank[typeof left]! - rank[typeof right]!;
    return kinds !== 0 ? kinds : left < right ? -1 : 1;
  }
  return 0;
}

function cellOf(rows: Rows, row: number, name: string): number {
  const index = rows.view.measures.findIndex((measure) => measure.name === name);
  if (index >= 0) return rows.columns[index]!.result(row) as number;
  return derive(rows, rows.view.derived.find((one) => one.name === name)!, row) as number;
}

function expected(rows: Rows, orderBy: string | null): number[] {
  const all = [...rows.starts.keys()];
  if (orderBy === null) return all.sort((a, b) => naturalOrder(rows, a, b));
  const name = orderBy.replace(/^-/, '');
  const sign = orderBy.startsWith('-') ? -1 : 1;
  return all.sort((a, b) => {
    const [left, right] = [cellOf(rows, a, name), cellOf(rows, b, name)];
    if (left === right) return naturalOrder(rows, a, b);
    if (left === null || right === null) return (left === null ? -1 : 1) * sign;
    return (left < right ? -1 : 1) * sign;
  });
}

test('rows come by start and key, or by any measure with ties by start and key', () => {
  fc.assert(
    fc.property(table, order, (rows, orderBy) => {
      const { rows: found, next } = select(rows, { ...everything, orderBy }, timeMin);
      expect(found).toEqual(expected(rows, orderBy));
      expect(next).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test('paging by cursor shows every row exactly once, in order', () => {
  fc.assert(
    fc.property(table, order, fc.integer({ min: 1, max: 7 }), (rows, orderBy, limit) => {
      const all: number[] = [];
      let cursor: string | null = null;
      do {
        const page = select(rows, { ...everything, orderBy, limit, cursor }, timeMin);
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        all.push(...page.rows);
        cursor = page.next;
      } while (cursor !== null);
      expect(all).toEqual(expected(rows, orderBy));
    }),
    { numRuns: 200 },
  );
});

test('the first few of many are the first few, whatever the limit', () => {
  const many = tableOf(
    Array.from({ length: 2_000 }, (_, i) => [i % 7, (i * 7_919) % 2_003, 'p', [(i * 31) % 97]]),
  );
  for (const orderBy of [null, 's', '-s', '-each']) {
    for (const limit of [1, 3, 100]) {
      const found = select(many, { ...everything, orderBy, limit }, timeMin).rows;
      expect(found).toEqual(expected(many, orderBy).slice(0, limit));
    }
  }
});

test('a range is half-open: windows that start at from, none that starts at to', () => {
  const rows = tableOf([0, 1, 2, 3].map((minute) => [minute, 'x', 'p', [1]]));
  const starts = (from: number, to: number) =>
    select(rows, { ...everything, from, to }, timeMin).rows.map(
      (row) => rows.starts[row]! / 60_000,
    );
  expect(starts(60_000, 180_000)).toEqual([1, 2]);
  expect(starts(60_001, 180_001)).toEqual([2, 3]);
  expect(starts(60_000, 60_001)).toEqual([1]);
});

test('a key part is matched by its text', () => {
  const rows = tableOf([1, '1', true, 'true', 'x'].map((a) => [0, a, 'p', [1]]));
  const found = (key: Record<string, string>) =>
    select(rows, { ...everything, key }, timeMin).rows.map((row) => rows.key(row)[0]);
  expect(found({ a: '1' })).toEqual([1, '1']);
  expect(found({ a: 'true' })).toEqual([true, 'true']);
  expect(found({ a: 'x', b: 'p' })).toEqual(['x']);
  expect(found({ a: 'x', b: 'q' })).toEqual([]);
});

test('rows are gone once the watermark has passed their end + retention', () => {
  const rows = tableOf([[0, 'x', 'p', [1]]]);
  const count = (watermark: number) => select(rows, everything, watermark).rows.length;
  expect([count(659_999), count(660_000)]).toEqual([1, 0]);
});

test('what is not there is said, with what is', () => {
  const rows = tableOf([[0, 'x', 'p', [1]]]);
  const request = (text: RegExp) =>
    expect.objectContaining({ code: 'request', message: expect.stringMatching(text) });
  expect(() => select(rows, { ...everything, key: { z: 'x' } }, timeMin)).toThrow(
    request(/'z'.*a, b/),
  );
  expect(() => select(rows, { ...everything, orderBy: '-z' }, timeMin)).toThrow(
    request(/'z'.*c, s, m/),
  );
});

test('a cursor that is none is a bad request, whatever it is', () => {
  const rows = tableOf([[0, 'x', 'p', [1]]]);
  const texts = [
    '',
    '!',
    'null',
    '[]',
    '[0]',
    '[0,null]',
    '[0,["x"]]',
    '[0,["x","q"]]',
    '[0,["x","p","p"]]',
  ];
  texts.push('{"0":0,"1":["x","p"]}', '[0,{}]', '[0,7]', '["0",["x","p"]]', '[null,["x","p"]]');
  for (const text of texts) {
    const cursor = Buffer.from(text).toString('base64url');
    expect(() => select(rows, { ...everything, cursor }, timeMin), text).toThrow(
      expect.objectContaining({ code: 'request' }),
    );
  }
  fc.assert(
    fc.property(fc.string(), (cursor) => {
      expect(() => select(rows, { ...everything, cursor }, timeMin)).toThrow(
        expect.objectContaining({ code: 'request' }),
      );
    }),
  );
});

test('a derived value of nothing is null, and never a number that is none', () => {
  const rows = tableOf([
    [0, 'x', 'p', []],
    [0, 'y', 'p', [0]],
    [0, 'z', 'p', [3, 4]],
  ]);
  const [each, rate] = rows.view.derived;
  expect([0, 1, 2].map((row) => derive(rows, each!, row))).toEqual([null, 0, 3.5]);
  expect([0, 1, 2].map((row) => derive(rows, rate!, row))).toEqual([0, 1 / 60, 2 / 60]);
});

test('scalars stand in one order: booleans, numbers, texts', () => {
  const sorted = ['b', 10, true, 'a', 9, false, ''].sort(compareScalars);
  expect(sorted).toEqual([false, true, 9, 10, '', 'a', 'b']);
});
