import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { cells, contextOf, foldBatches, foldEvents, noon, record } from '../folding.ts';
import { minutes, patient, tick } from './events.ts';

test('a body that is no event is undecodable, and the rest of its batch counts', () => {
  const bodies = ['', 'nonsense', '[1]', '"text"', 'null', new Uint8Array([0xff, 0xfe])];
  const records = bodies.map((body, i) => record(i, body));
  const outcome = foldBatches([[...records, record(9, tick(0))]], contextOf(minutes));
  expect(outcome.dead.map(({ reason }) => reason)).toEqual(bodies.map(() => 'undecodable'));
  expect(outcome.state.counts).toMatchObject({ received: 7, accepted: 1, deadLettered: 6 });
});

test('an event that does not match the schema is invalid, with the paths that fail', () => {
  const { dead } = foldEvents(minutes, [{ id: 'x', at: 'noon', who: 7, n: 1 }]);
  expect(dead[0]).toMatchObject({ reason: 'invalid' });
  expect(dead[0]!.errors.join()).toMatch(/\/at.*\/who/);
});

test('a dead letter keeps position, line, arrival, partition key and the raw text', () => {
  const body = `${JSON.stringify(tick(0))}\n{ "id":  "odd" }`;
  const { dead } = foldBatches([[record(7, body, noon)]], contextOf(minutes));
  expect(dead).toHaveLength(1);
  expect(dead[0]).toMatchObject({
    position: '7',
    line: 1,
    arrival: '2001-01-01T12:00:00.000Z',
    partitionKey: 'k',
    raw: { text: '{ "id":  "odd" }' },
  });
});

test('a dead letter that is no text keeps the bytes of its record', () => {
  const bytes = new Uint8Array([0xff, 0, 0xfe]);
  const { dead } = foldBatches([[record(0, bytes)]], contextOf(minutes));
  expect(dead[0]!.raw).toEqual({ base64: Buffer.from(bytes).toString('base64') });
});

test('a key __proto__ is refused, plain or escaped, and pollutes nothing', () => {
  const text = JSON.stringify(tick(0)).slice(0, -1);
  const bodies = [`${text},"__proto__":{"n":9}}`, `${text},"\\u005f_proto__":{"n":9}}`];
  const { dead } = foldBatches([bodies.map((body, i) => record(i, body))], contextOf(minutes));
  expect(dead.map(({ reason }) => reason)).toEqual(['undecodable', 'undecodable']);
  expect(({} as { n?: number }).n).toBeUndefined();
});

test.each<[string, Record<string, unknown>]>([
  ['an integer beyond 2^53 in a measure', { n: 2 ** 53 }],
  ['an integer below -2^53 in a measure', { n: -(2 ** 53) }],
  ['a huge integer', { n: 1e300 }],
  ['a lone surrogate in a key part', { who: 'a\ud800' }],
  ['a lone surrogate in the id', { id: '\udc00' }],
])('%s is invalid where the pipeline reads it', (_, changes) => {
  const outcome = foldEvents(minutes, [tick(0, changes)]);
  expect(outcome.dead.map(({ reason }) => reason)).toEqual(['invalid']);
  expect(cells(minutes, outcome)).toEqual({});
});

test('in fields that nobody reads, integers beyond 2^53 and lone surrogates are not our business', () => {
  const { dead } = foldEvents(minutes, [tick(0, { other: 2 ** 60, text: '\ud800', '\udfff': 1 })]);
  expect(dead).toEqual([]);
  // The measure of n is read only where the condition holds.
  const choosy = definePipeline({
    name: 'choosy',
    schema: Type.Object({
      id: Type.String(),
      at: Type.Number(),
      who: Type.String(),
      n: Type.Number(),
    }),
    ...{ id: 'id', time: 'at', partitionKey: 'who' },
    views: (on) => ({
      v: on.view({
        key: [],
        window: tumbling('1m'),
        measures: { s: on.where({ who: 'a' }).sum('n') },
      }),
    }),
  });
  const reasons = (who: string) => foldEvents(choosy, [tick(0, { who, n: 2 ** 53 })]).dead.length;
  expect([reasons('a'), reasons('b')]).toEqual([1, 0]);
});

test('2^53 - 1 and fractions count', () => {
  const outcome = foldEvents(minutes, [tick(0, { n: 2 ** 53 - 1 }), tick(0, { n: 0.5 })]);
  expect(cells(minutes, outcome)).toMatchObject({ 'a@0': { c: 2 } });
  expect(outcome.dead).toEqual([]);
});

test('a key part may have 1,024 bytes of UTF-8, and one more is too large', () => {
  const reason = (who: string) => foldEvents(minutes, [tick(0, { who })]).dead[0]?.reason;
  expect(reason('x'.repeat(1_024))).toBeUndefined();
  expect(reason('é'.repeat(512))).toBeUndefined();
  expect(reason('x'.repeat(1_025))).toBe('too-large');
  expect(reason('é'.repeat(513))).toBe('too-large');
});

test('an event that one view takes and another can not is a dead letter and counted nowhere', () => {
  // `strict` would take it, `patient` has n in its key.
  const outcome = foldEvents(patient, [tick(0, { n: 2 ** 53 })]);
  expect(outcome.state.counts).toMatchObject({ received: 1, accepted: 0, deadLettered: 1 });
  expect(outcome.state.counts.views).toEqual([
    { offered: 0, counted: 0, late: 0 },
    { offered: 0, counted: 0, late: 0 },
  ]);
  expect(cells(patient, outcome, 'strict')).toEqual({});
});

test('every event is accounted for once', () => {
  const events = [tick(200), tick(0), tick(0, { id: 'x' }), tick(0, { id: 'x' }), {}, 'x', '[]'];
  const { state } = foldEvents(minutes, events);
  const { received, accepted, duplicates, filtered, deadLettered, views } = state.counts;
  expect(received).toBe(6);
  expect(accepted + duplicates + filtered + deadLettered).toBe(received);
  for (const { offered, counted, late } of views) expect(counted + late).toBe(offered);
});

test('a record of nothing is no event, and its position is done', () => {
  const { state } = foldBatches([[record(3, '[]')]], contextOf(minutes));
  expect(state.counts.received).toBe(0);
  expect(state.next).toEqual({ position: 4n, line: 0 });
});
