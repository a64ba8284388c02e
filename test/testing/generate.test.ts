import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { EventMaker, timeOf } from '../../testing/generate/event-maker.ts';
import { epoch } from '../../testing/generate/json-value.ts';
import { textLike } from '../../testing/generate/pattern.ts';
import { Random } from '../../testing/simulation/random.ts';

const common = {
  key: Type.Union([Type.Literal('x'), Type.Literal('y')]),
  meta: Type.Object({ at: Type.String({ format: 'date-time' }) }),
};
const rich = Type.Union([
  Type.Object({
    kind: Type.Literal('a'),
    id: Type.String({ pattern: '^id-[0-9]+$' }),
    ...common,
    price: Type.Number({ minimum: 0, maximum: 10, multipleOf: 0.25 }),
    level: Type.Optional(Type.Integer({ exclusiveMinimum: -3, exclusiveMaximum: 3 })),
    color: Type.Enum(['red', 'green']),
    code: Type.String({ pattern: '^[A-Z]{2}(-[0-9]{1,3})?$' }),
    tags: Type.Array(Type.String({ minLength: 2, maxLength: 3 }), { minItems: 1, maxItems: 2 }),
  }),
  Type.Object({
    kind: Type.Literal('b'),
    id: Type.String({ format: 'uuid' }),
    ...common,
    pair: Type.Tuple([Type.Boolean(), Type.Null()]),
    more: Type.Record(Type.String(), Type.Integer({ minimum: 1_000 })),
    both: Type.Intersect([Type.Object({ p: Type.String() }), Type.Object({ q: Type.Number() })]),
    mail: Type.String({ format: 'email' }),
  }),
]);
const { plan } = definePipeline({
  name: 'rich',
  schema: rich,
  id: 'id',
  time: (event) => Date.parse(event.meta.at),
  partitionKey: 'key',
  views: (on) => ({
    v: on.view({ key: ['key'], window: tumbling('1m'), measures: { n: on.count() } }),
  }),
});

describe('generated events', () => {
  const random = new Random(1);
  const maker = new EventMaker(plan);
  const events = Array.from({ length: 500 }, (_, i) => maker.make(random, epoch + i * 1_000));

  it('fit a schema of unions, formats, patterns, bounds and optional fields, and use all of it', () => {
    expect(events.filter((event) => !plan.check(event))).toEqual([]);
    const values = (name: string) => new Set(events.map((event) => JSON.stringify(event[name])));
    expect(values('kind')).toEqual(new Set(['"a"', '"b"']));
    expect(values('color')).toEqual(new Set(['"red"', '"green"', undefined]));
    expect(values('level').size).toBe(6);
    expect(values('price')).toContain('0.25');
    expect(values('code').size).toBeGreaterThan(50);
  });

  it('happen when they are told to, wherever their time stands, and have ids of their own', () => {
    expect(events.map((event) => timeOf(plan, event))).toEqual(
      events.map((_, i) => epoch + i * 1_000),
    );
    expect(new Set(events.map(({ id }) => id)).size).toBe(500);
  });

  it('are refused for a schema that none is found for, with what is wrong', () => {
    const odd = { ...plan, check: () => false, explain: () => ['/id must be odd'] };
    expect(() => new EventMaker(odd).make(random, epoch)).toThrow(
      "no event can be made from the schema of 'rich' (/id must be odd): give some with --input",
    );
  });
});

it.each([
  '^[A-Z]{3}$',
  '^\\d+(\\.\\d{1,2})?$',
  '^(a|bc|d{2,})x*$',
  '[^a-z]+',
  '^(?:foo|ba[rz])-\\w{4}$',
  '^a\\.b\\s?c$',
  '^[\\w.-]+@[\\w-]+\\.[a-z]{2,3}$',
])('texts like %s match it, and are not always the same', (pattern) => {
  const random = new Random(7);
  const texts = Array.from({ length: 200 }, () => textLike(random, pattern));
  expect(texts.filter((text) => !new RegExp(pattern).test(text))).toEqual([]);
  expect(new Set(texts).size).toBeGreaterThan(1);
});
