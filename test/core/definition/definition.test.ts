import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import type { Plan } from '../../../core/plan.ts';

type Raw = Record<string, unknown>;
/** The builder as someone without types meets it. */
interface On {
  view(view: Raw): unknown;
  where(match: Raw): On;
  count(): unknown;
  sum(field: string, options?: Raw): unknown;
  mean(field: string, options?: Raw): unknown;
  min(field: string): unknown;
}

const schema = Type.Object({ id: Type.String(), at: Type.Integer(), who: Type.String() });
const base = { name: 'x', schema, id: 'id', time: 'at', partitionKey: 'who' };

/** The options of a view that is well defined but for `changes`. */
function view(on: On, changes: Raw = {}): Raw {
  return { key: ['who'], window: tumbling('1m'), measures: { c: on.count() }, ...changes };
}

function define(definition: unknown): Plan {
  return definePipeline(definition as never).plan;
}

/** A pipeline of one view that is well defined but for `changes`. */
function withView(changes: (on: On) => Raw): Raw {
  return { ...base, views: (on: On) => ({ v: on.view(view(on, changes(on))) }) };
}

function problemsOf(definition: unknown): readonly string[] {
  try {
    define(definition);
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({ code: 'definition' });
    const { problems, message } = error as MillraceError;
    for (const problem of problems) expect(message).toContain(problem);
    return problems;
  }
  return [];
}

const good = { ...base, views: (on: On) => ({ v: on.view(view(on)) }) };

test('a good definition has no problems, and defaults', () => {
  expect(problemsOf(good)).toEqual([]);
  const plan = define(good);
  expect(plan).toMatchObject({ outOfOrder: 0, futureSkew: null, horizon: 60_000 });
  expect(plan.views[0]).toMatchObject({ size: 60_000, lateness: 0, retain: null });
});

test.each<[string, unknown, string | RegExp]>([
  ['no definition', undefined, /must be an object/],
  ['an empty name', { ...good, name: '' }, /^name: /],
  ['a name with a capital', { ...good, name: 'Flights' }, /^name: /],
  ['a name that starts with a digit', { ...good, name: '1x' }, /^name: /],
  ['a name with a slash', { ...good, name: 'a/b' }, /^name: /],
  ['a name of 64 letters', { ...good, name: 'a'.repeat(64) }, /^name: /],
  ['no name', { ...good, name: undefined }, /^name: /],
  ['an unknown option', { ...good, dedup: 'off' }, "'dedup' is not an option of a pipeline"],
  ['no schema', { ...good, schema: undefined }, /^schema: /],
  ['a schema that is text', { ...good, schema: 'object' }, /^schema: /],
  ['a missing id field', { ...good, id: 'idd' }, "id: the schema has no field 'idd'"],
  ['an id that is a number', { ...good, id: 7 }, 'id: must be a field or a function of the event'],
  ['a missing time field', { ...good, time: 'when' }, "time: the schema has no field 'when'"],
  ['no time', { ...good, time: undefined }, /^time: must be a field/],
  ['a missing partition key', { ...good, partitionKey: 'p' }, /^partitionKey: the schema has no/],
  ['a transform that is text', { ...good, transform: 'x' }, /^transform: must be a function/],
  ['no bound of disorder', { ...good, watermark: {} }, /^watermark.outOfOrder: must be a duration/],
  ['a bound in words', { ...good, watermark: { outOfOrder: '1 minute' } }, /^watermark.outOf/],
  [
    'a skew in words',
    { ...good, watermark: { outOfOrder: '1s', futureSkew: 'long' } },
    /^watermark.futureSkew: must be a duration/,
  ],
  [
    'an unknown option of the watermark',
    { ...good, watermark: { outOfOrder: '1s', skew: '1s' } },
    "watermark: 'skew' is not an option",
  ],
  [
    'an idle time in words',
    { ...good, watermark: { outOfOrder: '1s', idleAfter: 'soon' } },
    /^watermark.idleAfter: must be a duration/,
  ],
  [
    'idling otherwise',
    { ...good, watermark: { outOfOrder: '1s', idle: 'wait' } },
    "watermark.idle: must be 'clock' or 'hold'",
  ],
  ['a watermark of text', { ...good, watermark: '10s' }, /^watermark/],
  ['dedupe on', { ...good, dedupe: 'on' }, /^dedupe: must be 'off' or/],
  ['dedupe within nothing', { ...good, dedupe: { within: '0s' } }, /^dedupe: must be 'off' or/],
  ['dedupe of null', { ...good, dedupe: null }, /^dedupe: must be 'off' or/],
  [
    'an unknown option of dedupe',
    { ...good, dedupe: { within: '1h', by: 'id' } },
    "dedupe: 'by' is not an option",
  ],
  ['no views function', { ...good, views: { v: {} } }, /^views: must be a function/],
  ['no views', { ...good, views: () => ({}) }, 'views: there must be at least one view'],
  ['views of nothing', { ...good, views: () => null }, 'views: there must be at least one view'],
  [
    'views that throw',
    {
      ...good,
      views: () => {
        throw new TypeError('on.median is not a function');
      },
    },
    /^views: the function failed: TypeError: on.median/,
  ],
  ['a view of null', { ...good, views: () => ({ v: null }) }, /^view 'v': must be on.view/],
  [
    'too many views',
    {
      ...good,
      views: (on: On) =>
        Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`v${i}`, on.view(view(on))])),
    },
    'views: at most 32, not 33',
  ],
  [
    'the name of a view',
    { ...good, views: (on: On) => ({ 'by-who': on.view(view(on)) }) },
    /^view 'by-who': its name must be/,
  ],
])('%s is refused', (_, definition, problem) => {
  expect(problemsOf(definition)).toEqual([
    typeof problem === 'string' ? problem : expect.stringMatching(problem),
  ]);
});

test.each<[string, (on: On) => Raw, string | RegExp]>([
  ['an unknown option', () => ({ latenes: '1m' }), "'latenes' is not an option of a view"],
  ['no key', () => ({ key: undefined }), 'key must be an array of fields'],
  ['a key of text', () => ({ key: 'who' }), 'key must be an array of fields'],
  ['a key part twice', () => ({ key: ['who', 'who'] }), 'a key part is named twice'],
  ['a missing key part', () => ({ key: ['whom'] }), "no field 'whom' for its key"],
  ['nine key parts', () => ({ key: [...'abcdefghi'] }), /at most 8 key parts, not 9/],
  ['no window', () => ({ window: undefined }), /window must be tumbling/],
  ['another window', () => ({ window: { kind: 'x', size: '1m' } }), /window must be tumbling/],
  ['a window of 0', () => ({ window: tumbling('0s') }), /window must be a duration over 0/],
  ['a window in words', () => ({ window: tumbling('1 m' as never) }), /window must be a duration/],
  ['half a millisecond', () => ({ window: tumbling('0.5ms') }), /window must be a duration/],
  ['lateness in words', () => ({ lateness: 'late' }), /^view 'v': lateness must be a duration/],
  ['negative lateness', () => ({ lateness: '-1m' }), /^view 'v': lateness must be a duration/],
  ['retain in words', () => ({ retain: 'for ever' }), /^view 'v': retain must be a duration/],
  [
    'retain that is too short',
    () => ({ lateness: '10s', retain: '69s' }),
    'retain must be at least window + lateness',
  ],
  ['no measures', () => ({ measures: {} }), 'there must be at least one measure'],
  ['measures left out', () => ({ measures: undefined }), 'there must be at least one measure'],
  ['a measure of null', () => ({ measures: { c: null } }), /measure 'c': must be one of on's/],
  [
    'a measure nobody knows',
    () => ({ measures: { c: { kind: 'toString' } } }),
    "measure 'c': there is no measure 'toString'",
  ],
  ['the name of a measure', (on) => ({ measures: { 'a b': on.count() } }), /^view 'v': measure 'a/],
  ['a missing field', (on) => ({ measures: { s: on.sum('n') } }), "measure 's': no field 'n'"],
  [
    'a scale of -1',
    (on) => ({ measures: { s: on.sum('at', { scale: -1 }) } }),
    "measure 's': scale must be 0 to 12",
  ],
  [
    'a scale of 13',
    (on) => ({ measures: { s: on.mean('at', { scale: 13 }) } }),
    "measure 's': scale must be 0 to 12",
  ],
  [
    'half a scale',
    (on) => ({ measures: { s: on.sum('at', { scale: 0.5 }) } }),
    "measure 's': scale must be 0 to 12",
  ],
  [
    'where on a missing field',
    (on) => ({ measures: { c: on.where({ whom: 'a' }).count() } }),
    "measure 'c': where has no field 'whom'",
  ],
  [
    'too many measures',
    (on) => ({
      measures: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`m${i}`, on.count()])),
    }),
    'at most 32 measures, not 33',
  ],
  ['derive of text', () => ({ derive: 'c' }), /derive must be a function/],
  ['derive of nothing', () => ({ derive: () => null }), /derive must give an object/],
  [
    'derive that throws',
    () => ({ derive: (row: { median: () => void }) => row.median() }),
    /the function of derive failed: TypeError/,
  ],
  [
    'a derived value nobody knows',
    () => ({ derive: () => ({ q: 1 }) }),
    /derived 'q': must be row\.ratio/,
  ],
  [
    'derive of an unknown measure',
    () => ({
      derive: (row: { ratio: (a: string, b: string) => void }) => ({ q: row.ratio('c', 'd') }),
    }),
    "derived 'q': there is no measure 'd'",
  ],
  [
    'a derived value with the name of a measure',
    () => ({ derive: (row: { perSecond: (a: string) => void }) => ({ c: row.perSecond('c') }) }),
    "derived 'c': a measure has that name",
  ],
])('in a view, %s is refused', (_, changes, problem) => {
  const problems = problemsOf(withView(changes)).filter((one) => !/no field '[a-i]'/.test(one));
  expect(problems[0]).toMatch(/^view 'v': /);
  const told = typeof problem === 'string' ? `view 'v': ${problem}` : problem;
  expect(problems.some((one) => (told instanceof RegExp ? told.test(one) : one === told))).toBe(
    true,
  );
});

test('a horizon over an hour must be stated, and one of an hour need not', () => {
  const hourly = (lateness: string) => withView(() => ({ window: tumbling('59m'), lateness }));
  expect(problemsOf(hourly('1m'))).toEqual([]);
  expect(problemsOf(hourly('61s'))).toEqual([expect.stringMatching(/^dedupe: .* \(3601s\)/)]);
  expect(problemsOf({ ...hourly('61s'), dedupe: 'off' })).toEqual([]);
  expect(problemsOf({ ...hourly('61s'), dedupe: { within: '1h' } })).toEqual([]);
});

test('all problems are listed at once', () => {
  const problems = problemsOf({
    ...{ name: 'X', id: 'nope', time: 'at', partitionKey: 7, schema, dedupe: 'on', colour: 1 },
    views: (on: On) => ({
      a: on.view(view(on, { key: ['b', 'b'], window: 1, retain: '1y' })),
      c: on.view(view(on, { measures: { s: on.sum('n', { scale: 99 }) } })),
    }),
  });
  expect(problems.length).toBeGreaterThanOrEqual(12);
  for (const part of ['colour', 'name:', 'id:', 'partitionKey:', 'dedupe:', "'a'", "'c'"]) {
    expect(problems.join('\n')).toContain(part);
  }
});

test('after a transform, fields are what it gives, so they are not looked up in the schema', () => {
  const transformed = { ...withView(() => ({ key: ['day'] })), transform: (e: Raw) => e };
  expect(problemsOf(transformed)).toEqual([]);
});

test('whatever stored bytes depend on changes the shape, and nothing else does', () => {
  const shape = (changes: Raw, of: (on: On) => Raw = () => ({})) =>
    define({ ...withView(of), ...changes }).shape;
  const same = shape({});
  expect(shape({ watermark: { outOfOrder: '1s', futureSkew: '2h' } })).toBe(same);
  expect(shape({ watermark: { outOfOrder: '1s', idleAfter: '2h', idle: 'hold' } })).toBe(same);
  expect(shape({ id: (event: { id: string }) => event.id })).toBe(same);
  expect(shape({ dedupe: { within: '1m' } }, () => ({ lateness: '5m', retain: '1d' }))).toBe(same);
  const others = [
    shape({ name: 'y' }),
    shape({ dedupe: { within: '2m' } }),
    // Buckets of ids become wider, so the numbers of stored ones would mean other times.
    shape({ watermark: { outOfOrder: '1h' } }),
    shape({}, () => ({ key: [] })),
    shape({}, () => ({ window: tumbling('30s') })),
    shape({}, (on) => ({ measures: { d: on.count() } })),
    shape({}, (on) => ({ measures: { c: on.sum('at') } })),
    shape({}, (on) => ({ measures: { c: on.sum('at', { scale: 1 }) } })),
    shape({}, (on) => ({ measures: { c: on.where({ who: 'a' }).count() } })),
  ];
  expect(new Set([same, ...others]).size).toBe(others.length + 1);
});

test('the live buckets of ids can be told apart, however far ahead events may be', () => {
  const plan = define({
    ...withView(() => ({ window: tumbling('1s') })),
    watermark: { outOfOrder: '1s', futureSkew: '36500d' },
  });
  const ahead = plan.futureSkew! + plan.outOfOrder + plan.horizon;
  expect(ahead / plan.bucketSize).toBeLessThan(65_000);
});
