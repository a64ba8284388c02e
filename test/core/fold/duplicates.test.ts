import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { fold } from '../../../core/fold/fold.ts';
import { cells, contextOf, foldBatches, foldEvents, noon, record } from '../folding.ts';
import { minutes, patient, tick } from './events.ts';

/** Buckets of ids in `minutes` are 15 s long and live for 2 minutes after their end. */
const lastLiveSecond = 15 + 120;

test('an event whose id was counted is a duplicate, in its batch and across batches', () => {
  const again = tick(5);
  const batches = [[record(0, again), record(1, again)], [record(2, { ...again, n: 7 })]];
  const outcome = foldBatches(batches, contextOf(minutes));
  expect(outcome.state.counts).toMatchObject({ received: 3, accepted: 1, duplicates: 2 });
  expect(cells(minutes, outcome)).toEqual({ 'a@0': { c: 1, s: 1 } });
});

test('an id is remembered until the watermark reaches the end of its bucket + horizon', () => {
  const outcome = (ms: number) => {
    const after = { ...tick(0), at: noon + (lastLiveSecond + 10) * 1000 + ms };
    const again = tick(0);
    return foldEvents(minutes, [again, after, again]).state.counts;
  };
  expect(outcome(-1)).toMatchObject({ accepted: 2, duplicates: 1 });
  expect(outcome(0)).toMatchObject({ accepted: 3, duplicates: 0 });
  // It then is late: so a horizon of at least the longest window + lateness is exact.
  expect(outcome(0).views[0]).toEqual({ offered: 3, counted: 2, late: 1 });
});

test('the rule of the horizon is one of event time, whatever is in memory', () => {
  // The same events with the ids of 3,000 others beside them, so that the tables grow and drop dead buckets.
  const others = Array.from({ length: 3_000 }, (_, i) => tick(i % 15));
  const [first, near, far] = [tick(0), tick(lastLiveSecond + 9.9), tick(lastLiveSecond + 10)];
  const duplicates = (events: unknown[]) => foldEvents(minutes, events).state.counts.duplicates;
  expect(duplicates([first, near, first])).toBe(1);
  expect(duplicates([first, ...others, near, first])).toBe(1);
  expect(duplicates([first, far, first])).toBe(0);
  expect(duplicates([first, ...others, far, first])).toBe(0);
});

test('an id that comes again after its horizon is remembered anew', () => {
  const short = definePipeline({
    name: 'short',
    schema: Type.Object({ id: Type.String(), at: Type.Number() }),
    ...{ id: 'id', time: 'at', partitionKey: 'id', dedupe: { within: '1s' } },
    views: (on) => ({
      v: on.view({ key: [], window: tumbling('1h'), measures: { c: on.count() } }),
    }),
  });
  const at = [0, 1, 0.5, 2, 2.5, 3.5].map((second) => ({ id: 'x', at: noon + second * 1000 }));
  const { state } = foldEvents(short, at);
  // Bucket 0 is dead from second 2 on, which only the events before the one at 3.5 reach.
  expect(state.counts).toMatchObject({ received: 6, accepted: 2, duplicates: 4 });
});

test('a duplicate moves the watermark, but is offered to no view', () => {
  const { state } = foldEvents(minutes, [tick(0, { id: 'x' }), tick(90, { id: 'x' })]);
  expect(state.counts).toMatchObject({ accepted: 1, duplicates: 1 });
  expect(state.counts.views[0]).toEqual({ offered: 1, counted: 1, late: 0 });
  expect(state.watermark).toBe(noon + 80_000);
});

test('a dead letter leaves no fingerprint, so that it can be sent again', () => {
  const broken = tick(0, { id: 'x', n: 2 ** 53 });
  const { state } = foldEvents(minutes, [broken, { ...broken, n: 1 }]);
  expect(state.counts).toMatchObject({ accepted: 1, duplicates: 0, deadLettered: 1 });
});

test('a filtered event leaves no fingerprint', () => {
  const filtering = definePipeline({
    name: 'filtering',
    schema: Type.Object({ id: Type.String(), at: Type.Number(), n: Type.Number() }),
    ...{ id: 'id', time: 'at', partitionKey: 'id' },
    transform: (event) => (event.n > 0 ? event : null),
    views: (on) => ({
      v: on.view({ key: [], window: tumbling('1m'), measures: { c: on.count() } }),
    }),
  });
  const { state } = foldEvents(filtering, [tick(0, { id: 'x', n: 0 }), tick(0, { id: 'x' })]);
  expect(state.counts).toMatchObject({ accepted: 1, filtered: 1, duplicates: 0 });
});

test('an event that is late everywhere was accepted all the same, and its copy is a duplicate', () => {
  const late = tick(0, { id: 'x' });
  const { state } = foldEvents(minutes, [tick(80), late, late]);
  expect(state.counts).toMatchObject({ accepted: 2, duplicates: 1 });
  expect(state.counts.views[0]).toEqual({ offered: 2, counted: 1, late: 1 });
});

test('without dedupe every copy counts, and entries hold no ids', () => {
  const outcome = foldEvents(patient, [tick(0, { id: 'x' }), tick(0, { id: 'x' })]);
  expect(outcome.state.counts).toMatchObject({ accepted: 2, duplicates: 0 });
  expect(outcome.entries.map(({ fingerprints }) => fingerprints.size)).toEqual([0]);
});

test('an entry keeps one fingerprint per accepted event', () => {
  const dead = tick(0, { n: 2 ** 53 });
  const outcome = foldEvents(minutes, [tick(0), tick(0, { id: 'x' }), tick(0, { id: 'x' }), dead]);
  expect(outcome.entries.map(({ fingerprints }) => fingerprints.size)).toEqual([2]);
});

test('a fold that is not committed leaves no id behind', () => {
  const context = contextOf(minutes);
  const { state } = foldBatches([[record(0, tick(0))]], context);
  const batch = [record(1, tick(1, { id: 'x' }))];
  const before = state.seen.size;
  const counts = () => fold(state, batch, context).entry?.counts;
  expect(counts()).toMatchObject({ accepted: 1, duplicates: 0 });
  expect(counts()).toMatchObject({ accepted: 1, duplicates: 0 });
  expect(state.seen.size).toBe(before);
});

test('an id is a text or a safe integer, not empty and at most so many bytes', () => {
  const free = definePipeline({
    name: 'free',
    schema: Type.Object({ id: Type.Unsafe<string>({}), at: Type.Number() }),
    ...{ id: 'id', time: 'at', partitionKey: 'id' },
    views: (on) => ({
      v: on.view({ key: [], window: tumbling('1m'), measures: { c: on.count() } }),
    }),
  });
  const reason = (id: unknown) => foldEvents(free, [tick(0, { id } as never)]).dead[0]?.reason;
  const good = ['x', 'é'.repeat(512), 0, -5, 2 ** 53 - 1, '\u{1F600}'];
  expect(good.map(reason)).toEqual(good.map(() => undefined));
  const bad = ['', '\ud800', 2 ** 53, 1.5, null, undefined, true, {}, []];
  expect(bad.map(reason)).toEqual(bad.map(() => 'invalid'));
  expect(reason('é'.repeat(513))).toBe('too-large');
});
