import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import type { Pipeline } from '../../../core/pipeline.ts';
import { cells, foldEvents } from '../folding.ts';
import { tick } from './events.ts';

const schema = Type.Object({
  id: Type.String(),
  at: Type.Number(),
  who: Type.String(),
  n: Type.Number(),
});
type Event = { id: string; at: number; who: string; n: number };

function pipeline(changes: {
  id?: (event: Event) => string;
  time?: (event: Event) => number;
  transform?: (event: Event) => unknown;
}): Pipeline {
  return definePipeline({
    ...{ name: 'x', schema, id: 'id', time: 'at', partitionKey: 'who' },
    ...(changes as object),
    views: (on) => ({
      v: on.view({
        key: ['who'],
        window: tumbling('1m'),
        measures: { c: on.count(), s: on.sum('n') },
      }),
    }),
  });
}

function fails(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

test.each<[string, Pipeline]>([
  ['id', pipeline({ id: fails(new Error('out of order')) })],
  ['time', pipeline({ time: fails(new Error('out of order')) })],
  ['transform', pipeline({ transform: fails(new Error('out of order')) })],
  [
    'a key part',
    pipeline({
      transform: (e) => ({
        ...e,
        get who() {
          return fails(new Error('out of order'))();
        },
      }),
    }),
  ],
  [
    'a measured field',
    pipeline({
      transform: (e) => ({
        ...e,
        get n() {
          return fails(new Error('out of order'))();
        },
      }),
    }),
  ],
])('a throw of %s is a dead letter with the stack, and nothing else', (_, failing) => {
  const { state, dead } = foldEvents(failing, [tick(0), tick(1)]);
  expect(dead.map(({ reason }) => reason)).toEqual(['function-failed', 'function-failed']);
  expect(dead[0]!.errors[0]).toMatch(/^Error: out of order\n +at /);
  expect(state.counts).toMatchObject({ received: 2, accepted: 0, deadLettered: 2 });
});

test.each<[string, unknown, string]>([
  ['text', 'plain text', 'plain text'],
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a symbol', Symbol('odd'), 'Symbol(odd)'],
  ['an object without a prototype', Object.create(null), 'something was thrown that has no text'],
  [
    'an error whose stack is no text',
    Object.assign(new Error('x'), { stack: 7 }),
    'something was thrown that has no text',
  ],
  ['a lone surrogate', '\ud800', '\ufffd'],
])('a throw of %s is a dead letter like any other', (_, thrown, told) => {
  const { dead } = foldEvents(pipeline({ transform: fails(thrown) }), [tick(0)]);
  expect(dead[0]).toMatchObject({ reason: 'function-failed', errors: [told] });
});

test('endless recursion in a function is a dead letter', () => {
  const endless = (event: Event): unknown => [endless(event)];
  const { dead } = foldEvents(pipeline({ transform: endless }), [tick(0)]);
  expect(dead[0]!.errors[0]).toMatch(/RangeError: Maximum call stack/);
});

test('a function that gives no id or no time makes the event invalid', () => {
  const reasons = (changes: Parameters<typeof pipeline>[0]) =>
    foldEvents(pipeline(changes), [tick(0)]).dead.map(({ reason }) => reason);
  expect(reasons({ id: () => undefined as never })).toEqual(['invalid']);
  expect(reasons({ time: () => Number.NaN })).toEqual(['invalid']);
  expect(reasons({ time: () => Number.POSITIVE_INFINITY })).toEqual(['invalid']);
});

test('a transform may give none, one or several outputs', () => {
  const several = pipeline({
    transform: (e) =>
      e.n === 0 ? null : e.n === 1 ? e : Array.from({ length: e.n }, () => ({ ...e, n: 10 })),
  });
  const events = [0, 1, 2, 3].map((n) => tick(0, { n, who: `n${n}` }));
  const outcome = foldEvents(several, events);
  expect(outcome.state.counts).toMatchObject({ received: 4, accepted: 3, filtered: 1 });
  expect(outcome.state.counts.views[0]).toEqual({ offered: 6, counted: 6, late: 0 });
  expect(cells(several, outcome)).toEqual({
    'n1@0': { c: 1, s: 1 },
    'n2@0': { c: 2, s: 20 },
    'n3@0': { c: 3, s: 30 },
  });
});

test('an empty array of outputs is filtered, and so is undefined', () => {
  const { counts } = foldEvents(pipeline({ transform: () => [] }), [tick(0)]).state;
  expect(counts).toMatchObject({ accepted: 0, filtered: 1 });
  const nothing = foldEvents(pipeline({ transform: () => undefined }), [tick(0)]).state.counts;
  expect(nothing).toMatchObject({ accepted: 0, filtered: 1 });
});

test('an output that is no object fails, and the outputs beside it are not counted', () => {
  for (const output of [7, 'x', true, [1], () => 1]) {
    const { state, dead } = foldEvents(pipeline({ transform: (e) => [e, output] }), [tick(0)]);
    expect(dead.map(({ reason }) => reason)).toEqual(['function-failed']);
    expect(state.counts.views[0]).toEqual({ offered: 0, counted: 0, late: 0 });
  }
});

test('an output without a key part is invalid', () => {
  const { dead } = foldEvents(pipeline({ transform: () => ({ n: 1 }) }), [tick(0)]);
  expect(dead).toMatchObject([{ reason: 'invalid', errors: [expect.stringMatching(/^who: /)] }]);
});

test('more outputs than allowed are a dead letter', () => {
  const many = (length: number) =>
    foldEvents(pipeline({ transform: (e) => Array.from({ length }, () => e) }), [tick(0)], {
      transformOutputsMax: 5,
    });
  expect(many(5).state.counts.views[0]!.counted).toBe(5);
  expect(many(6).dead.map(({ reason }) => reason)).toEqual(['function-failed']);
});

test('a transform can not change id and time, whatever it does to the event', () => {
  const vandal = pipeline({
    transform: (e) => Object.assign(e, { id: 'same', at: e.at + 600_000 }),
  });
  const outcome = foldEvents(vandal, [tick(0), tick(1)]);
  expect(outcome.state.counts).toMatchObject({ accepted: 2, duplicates: 0 });
  expect(cells(vandal, outcome)).toEqual({ 'a@0': { c: 2, s: 2 } });
});

test('absent and null values are not measured, and another kind of value is invalid', () => {
  const outcome = (n: unknown) => {
    const changed = pipeline({ transform: (e) => ({ ...e, n }) });
    return [cells(changed, foldEvents(changed, [tick(0)]))['a@0'] ?? 'dead'];
  };
  expect(outcome(undefined)).toEqual([{ c: 1, s: 0 }]);
  expect(outcome(null)).toEqual([{ c: 1, s: 0 }]);
  for (const n of ['1', true, Number.NaN, Number.POSITIVE_INFINITY, 1n, {}]) {
    expect(outcome(n)).toEqual(['dead']);
  }
});

test('a late event that can not be written as JSON is a dead letter, not the end of its partition', () => {
  const circular = pipeline({
    transform: (e) => {
      const output: Record<string, unknown> = { ...e };
      output['self'] = output;
      return output;
    },
  });
  const outcome = foldEvents(circular, [tick(120), tick(0)]);
  expect(outcome.dead.map(({ reason }) => reason)).toEqual(['function-failed']);
  expect(outcome.state.counts).toMatchObject({ received: 2, accepted: 1 });
});
