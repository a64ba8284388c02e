import fc from 'fast-check';
import { definePipeline, spread, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { bucketOf } from '../../core/hash.ts';
import { partitionKeyOf } from '../../core/ingest.ts';
import { addCounts, noCounts } from '../../core/journal/counts.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { partitionOf } from '../../core/ports/event-publisher.ts';
import { contextOf, foldBatches, noon, recordsOf, rowsOf } from './folding.ts';

const schema = Type.Object({
  id: Type.Union([Type.String(), Type.Integer()]),
  at: Type.Number(),
  shop: Type.String(),
  n: Type.Number(),
});
const base = { name: 'sales', schema, id: 'id', time: 'at', dedupe: { within: '1d' } } as const;

function pipelinesOf(lateness: '0s' | '1d') {
  const views = (on: Parameters<typeof viewsOf>[0]) => viewsOf(on, lateness);
  const whole = definePipeline({ ...base, partitionKey: 'shop', views });
  const apart = definePipeline({ ...base, partitionKey: spread('shop', 4), views });
  return { whole, apart };
}

type Sale = { id: string | number; at: number; shop: string; n: number };

function viewsOf(
  on: Parameters<Parameters<typeof definePipeline<'x', typeof schema, Sale>>[0]['views']>[0],
  lateness: '0s' | '1d',
) {
  const measures = { c: on.count(), s: on.sum('n'), most: on.max('n'), ids: on.distinct('id') };
  return { byShop: on.view({ key: ['shop'], window: tumbling('1m'), lateness, measures }) };
}

/** Folds events as the publisher would place them. */
function answerOf(pipeline: Pipeline, events: readonly Sale[], partitions: number) {
  const parts: Sale[][] = Array.from({ length: partitions }, () => []);
  for (const event of events) {
    const key = partitionKeyOf(event, pipeline.plan);
    parts[partitionOf(bucketOf(key, 64), 64, partitions)]?.push(event);
  }
  const all = parts.map((part) => foldBatches([recordsOf(part)], contextOf(pipeline)));
  const counts = all.reduce((sum, { state }) => addCounts(sum, state.counts), noCounts(1));
  const entries = all.flatMap((one) => one.entries);
  return {
    rows: rowsOf(pipeline, entries),
    counts,
    used: parts.filter(({ length }) => length > 0),
  };
}

const sale = fc.record({
  id: fc.oneof(fc.nat(60), fc.nat(60).map(String)),
  at: fc.nat(300).map((second) => noon + second * 1000),
  shop: fc.constantFrom('hot', 'hot', 'hot', 'cool', ''),
  n: fc.integer({ min: -9, max: 9 }),
});
/** Sales of which the later ones of an id repeat the first, the id as text or number: a producer's duplicates. */
const sales = fc.array(sale, { maxLength: 80 }).map((all) =>
  all.map((one) => ({
    ...all.find(({ id }) => String(id) === String(one.id)),
    ...{ id: one.id },
  })),
) as fc.Arbitrary<Sale[]>;

test('a spread key gives the same rows and counts, duplicates included, on any partitions', () => {
  const { whole, apart } = pipelinesOf('1d');
  fc.assert(
    fc.property(sales, fc.integer({ min: 1, max: 5 }), (events, partitions) => {
      const { rows, counts } = answerOf(apart, events, partitions);
      const expected = answerOf(whole, events, 1);
      expect(rows).toEqual(expected.rows);
      expect(counts).toEqual(expected.counts);
    }),
  );
});

test('one hot key meets several partitions, and an id always the same one', () => {
  const { whole, apart } = pipelinesOf('1d');
  const hot = Array.from({ length: 64 }, (_, id) => ({ id, at: noon, shop: 'hot', n: 1 }));
  expect(answerOf(whole, hot, 4).used).toHaveLength(1);
  expect(answerOf(apart, hot, 4).used.length).toBeGreaterThan(1);
  const keys = new Set(hot.map((event) => partitionKeyOf(event, apart.plan)));
  expect([...keys].sort()).toEqual(['hot#0', 'hot#1', 'hot#2', 'hot#3']);
  for (const { id, ...event } of hot) {
    const asText = { ...event, id: String(id), n: 2 };
    expect(partitionKeyOf(asText, apart.plan)).toBe(partitionKeyOf({ ...event, id }, apart.plan));
  }
});

test('an event without a proper key or id keeps its place', () => {
  const { apart } = pipelinesOf('1d');
  expect(partitionKeyOf({ id: null, shop: 'hot' }, apart.plan)).toBe('hot');
  expect(partitionKeyOf({ id: 'a', shop: null }, apart.plan)).toBe('');
});

test('lateness is judged by the partition that a sub-key meets, so less may be late', () => {
  const { whole, apart } = pipelinesOf('0s');
  const events = Array.from({ length: 20 }, (_, id) => {
    const at = noon + (id % 2 === 0 ? 600_000 : 0);
    return { id, at, shop: 'hot', n: 1 };
  });
  const late = (pipeline: Pipeline) => answerOf(pipeline, events, 4).counts.views[0]?.late ?? 0;
  expect(late(whole)).toBe(10);
  expect(late(apart)).toBeGreaterThan(0);
  expect(late(apart)).toBeLessThan(10);
});

test.each([
  [spread('shop', 1), 'partitionKey: spread over 2 to 1024 sub-keys, not 1'],
  [spread('shop', 2.5), 'partitionKey: spread over 2 to 1024 sub-keys, not 2.5'],
  [spread('shop', 1_025), 'partitionKey: spread over 2 to 1024 sub-keys, not 1025'],
  [spread('shp', 2), "partitionKey: the schema has no field 'shp'"],
  [{ key: () => 'a', over: 2 }, 'partitionKey: spread takes the name of a field'],
])('%j is refused as a partition key', (partitionKey, problem) => {
  const views = (on: Parameters<typeof viewsOf>[0]) => viewsOf(on, '1d');
  const define = () => definePipeline({ ...base, partitionKey: partitionKey as never, views });
  expect(define).toThrow(expect.objectContaining({ problems: expect.arrayContaining([problem]) }));
});
