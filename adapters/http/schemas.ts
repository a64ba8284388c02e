import type { MeasureKind } from '../../core/measure/measures.ts';
import type { MeasurePlan, ViewPlan } from '../../core/plan.ts';
import { weekdays } from '../../core/window/calendar.ts';
import type { WindowKind } from '../../core/window/window.ts';

/** A JSON Schema, 2020-12. */
export type Schema = Readonly<Record<string, unknown>>;

/** An object schema whose members are all required, and which may gain more. */
export function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** An array schema. */
export function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** A reference to a named schema of the document. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const seconds: Schema = { type: 'number', minimum: 0 };
const secondsOrNull: Schema = { type: ['number', 'null'], minimum: 0 };
const time: Schema = { type: 'string', format: 'date-time' };
const timeOrNull: Schema = { type: ['string', 'null'], format: 'date-time' };
const scalar: Schema = { type: ['string', 'number', 'boolean'] };

const reasons = ['undecodable', 'invalid', 'future', 'function-failed', 'too-large'];

const counts: Schema = object({
  ...{ received: count, accepted: count, duplicates: count, filtered: count },
  deadLettered: count,
  lost: count,
  views: {
    type: 'object',
    additionalProperties: {
      ...object({ offered: count, counted: count, late: count }),
      properties: { offered: count, counted: count, late: count, overflowed: count },
    },
  },
});

/** What a pipeline has used, and what that comes to on each cloud. */
const used: Schema = object({
  ...{ batches: count, busySeconds: seconds, records: count, recordBytes: count },
  ...{ reads: count, writes: count },
  bills: list(
    object({
      cloud: { enum: ['aws', 'azure'] },
      lines: list(object({ name: text, units: seconds, unit: text, dollars: seconds })),
      ...{ dollars: seconds, dollarsPerMillionEvents: secondsOrNull, leftOut: list(text) },
    }),
  ),
});

const kindOf = (...kinds: readonly WindowKind[]): Schema => ({ enum: kinds });
const windows: readonly Schema[] = [
  object({ kind: kindOf('tumbling'), seconds, offsetSeconds: seconds }),
  object({ kind: kindOf('hopping'), seconds, slideSeconds: seconds, offsetSeconds: seconds }),
  object({ kind: kindOf('session'), gapSeconds: seconds, longestSeconds: seconds }),
  object({ kind: kindOf('days', 'months'), zone: text }),
  object({ kind: kindOf('weeks'), zone: text, startsOn: { enum: weekdays } }),
  object({ kind: kindOf('global') }),
];

const textOrNull: Schema = { type: ['string', 'null'] };
const scalarOrNull: Schema = { type: ['string', 'number', 'boolean', 'null'] };
/** What every answer says beside its rows. */
const head = {
  ...{ generation: count, watermark: timeOrNull, late: count, deadLettered: count },
  lagSeconds: secondsOrNull,
  ...{ grainSeconds: secondsOrNull, keptFrom: timeOrNull },
};

/** The schemas that don't depend on the pipelines, by name. */
export const fixedSchemas: Readonly<Record<string, Schema>> = {
  Problem: {
    description: 'RFC 9457 problem details.',
    ...object({
      ...{ type: text, title: text, status: { type: 'integer' }, detail: text, code: text },
      problems: list(text),
    }),
  },
  Refused: object({ index: count, reason: { enum: reasons }, errors: list(text) }),
  Accepted: object({ accepted: { ...count, minimum: 1 }, refused: list(ref('Refused')) }),
  NothingAccepted: {
    allOf: [ref('Problem'), object({ accepted: { const: 0 }, refused: list(ref('Refused')) })],
  },
  Unconfirmed: {
    description: 'Events at the indexes in `unknown`, if given, or else all: send them again.',
    allOf: [ref('Problem')],
    properties: { accepted: count, refused: list(ref('Refused')), unknown: list(count) },
  },
  Views: object({
    views: list(
      object({
        ...{ view: text, pipeline: text, href: text, key: list(text) },
        window: { oneOf: windows },
        latenessSeconds: seconds,
        retainSeconds: secondsOrNull,
        rollups: list(object({ seconds, retainSeconds: secondsOrNull })),
        measures: list({
          type: 'object',
          properties: {
            name: text,
            kind: text,
            field: { type: ['string', 'null'] },
            of: list(text),
          },
          required: ['name', 'kind'],
        }),
      }),
    ),
  }),
  Counts: counts,
  Status: object({
    pipelines: list(
      object({
        ...{ pipeline: text, watermark: timeOrNull, lagSeconds: secondsOrNull },
        ...{ conserved: { type: 'boolean' }, counts: ref('Counts') },
        deadLetters: { type: 'object', additionalProperties: count },
        dedupe: object({ withinSeconds: seconds, exact: { type: 'boolean' } }),
        partitions: list(
          object({
            ...{ partition: text, position: text, line: count, watermark: timeOrNull },
            ...{ lagSeconds: secondsOrNull, entry: { type: 'integer' } },
            ...{ compactedTo: { type: 'integer' }, active: { type: 'boolean' } },
            references: { type: 'object', additionalProperties: text },
            hotKeys: list(object({ key: text, share: { ...seconds, maximum: 1 } })),
            counts: ref('Counts'),
          }),
        ),
        unreadable: list(object({ partition: text, error: text })),
        published: list(object({ view: text, to: text, finalTo: timeOrNull, sentTo: timeOrNull })),
        used,
      }),
    ),
    figures: list(
      object({
        name: text,
        labels: { type: 'object', additionalProperties: text },
        kind: { enum: ['count', 'gauge', 'distribution'] },
        value: { type: 'number' },
      }),
    ),
  }),
  Series: {
    description: 'Arrays as long as `start`, epoch seconds; null where a key has no row.',
    ...object({
      ...{ view: text, ...head },
      start: list({ type: 'number' }),
      series: list(
        object({
          key: { type: 'object', additionalProperties: scalar },
          state: list({ enum: ['open', 'closing', 'final', null] }),
          measures: { type: 'object', additionalProperties: list(scalarOrNull) },
        }),
      ),
      next: textOrNull,
    }),
  },
  Health: object({ status: { const: 'ok' } }),
};

const numberOrNull: Schema = { type: ['number', 'null'] };
const spreadOrNull: Schema = { ...numberOrNull, minimum: 0 };
const textOrNumber: Schema = { type: ['number', 'string', 'null'] };

/** Members that are numbers of one kind. */
function members(plan: MeasurePlan, of: Schema): Schema {
  return object(Object.fromEntries((plan.members ?? []).map((name) => [name, of])));
}

/** What each kind of measure gives for a row. */
const resultOf: Readonly<Record<MeasureKind, (plan: MeasurePlan) => Schema>> = {
  count: () => count,
  sum: () => ({ type: 'number' }),
  mean: () => numberOrNull,
  variance: () => spreadOrNull,
  stddev: () => spreadOrNull,
  min: () => textOrNumber,
  max: () => textOrNumber,
  first: () => scalarOrNull,
  last: () => scalarOrNull,
  distinct: () => count,
  histogram: (plan) => members(plan, count),
  quantiles: (plan) => ({ ...members(plan, { type: 'number' }), type: ['object', 'null'] }),
  topK: ({ options }) => ({
    ...list(object({ value: scalar, count, error: count })),
    maxItems: options.k,
  }),
};

/** The parts of a view's key; groups have only some of them. */
function keySchema(view: ViewPlan): Schema {
  const ofKey = view.keysMax === null ? scalar : scalarOrNull;
  const parts = Object.fromEntries(view.key.map((part) => [part, ofKey]));
  return { type: 'object', properties: parts, additionalProperties: false };
}

/** The answer of one view: its rows with their keys and measures; with `since`, also what has gone. */
export function answerSchema(view: ViewPlan): Schema {
  const measures = [
    ...view.measures.map((plan) => [plan.name, resultOf[plan.kind](plan)] as const),
    ...view.derived.map(({ name }) => [name, numberOrNull] as const),
  ];
  const row = object({
    view: { const: view.name },
    key: keySchema(view),
    ...(view.keysMax === null ? {} : { overflow: { type: 'boolean' } }),
    ...{ start: time, end: time, final: { type: 'boolean' } },
    state: { enum: ['open', 'closing', 'final'] },
    measures: object(Object.fromEntries(measures)),
  });
  const answer = object({
    ...{ view: { const: view.name }, ...head },
    rows: list(row),
    ...{ next: textOrNull, token: textOrNull },
  });
  const properties = {
    ...(answer['properties'] as object),
    reset: { type: 'boolean' },
    gone: list(object({ key: keySchema(view), start: time, end: time })),
    expiredTo: timeOrNull,
  };
  return { ...answer, properties };
}
