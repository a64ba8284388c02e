/**
 * Thirty-five mistakes that must not compile: `tsc` fails on an expectation that nothing meets, and a test counts them.
 * Nothing here is ever run.
 */
import { definePipeline, type On, reference, spread, tumbling } from 'millrace';
import { Type } from 'typebox';
import type { Reader } from '../../../core/query/reader.ts';
import { flights } from '../../../pipelines/flights.ts';
import type { days as Days, limited as Limited, sketches as Sketches } from './results.ts';

declare const reader: Reader;
declare const limited: typeof Limited;
declare const sketches: typeof Sketches;
declare const days: typeof Days;

const schema = Type.Object({
  id: Type.String(),
  at: Type.Integer(),
  who: Type.String(),
  n: Type.Number(),
  maybe: Type.Optional(Type.String()),
});
const base = { name: 'x', schema, id: 'id', time: 'at', partitionKey: 'who' } as const;
const window = tumbling('1m');

definePipeline({
  ...base,
  // @ts-expect-error misspelt field of a measure
  views: (on) => ({ v: on.view({ key: ['who'], window, measures: { s: on.sum('nn') } }) }),
});

definePipeline({
  ...base,
  // @ts-expect-error sum over a string
  views: (on) => ({ v: on.view({ key: ['who'], window, measures: { s: on.sum('who') } }) }),
});

definePipeline({
  ...base,
  // @ts-expect-error a key part that is not in the event
  views: (on) => ({ v: on.view({ key: ['whom'], window, measures: { c: on.count() } }) }),
});

definePipeline({
  ...base,
  // @ts-expect-error a key part that may be absent
  views: (on) => ({ v: on.view({ key: ['maybe'], window, measures: { c: on.count() } }) }),
});

definePipeline({
  ...base,
  // @ts-expect-error misspelt id
  id: 'idd',
  views: (on) => ({ v: on.view({ key: ['who'], window, measures: { c: on.count() } }) }),
});

definePipeline({
  ...base,
  // @ts-expect-error time over an object that has no such field
  time: (e) => e.att,
  views: (on) => ({ v: on.view({ key: ['who'], window, measures: { c: on.count() } }) }),
});

definePipeline({
  ...base,
  transform: (e) => ({ who: e.who }),
  // @ts-expect-error a field that the transform has dropped
  views: (on) => ({ v: on.view({ key: ['who'], window, measures: { s: on.sum('n') } }) }),
});

definePipeline({
  ...base,
  views: (on) => ({
    // @ts-expect-error misspelt option of a view
    v: on.view({ key: ['who'], window, latenes: '1m', measures: { c: on.count() } }),
  }),
});

definePipeline({
  ...base,
  // @ts-expect-error misspelt option of the pipeline
  dedup: 'off',
  views: (on) => ({ v: on.view({ key: ['who'], window, measures: { c: on.count() } }) }),
});

definePipeline({
  ...base,
  views: (on) => ({
    // @ts-expect-error not a duration
    v: on.view({ key: ['who'], window: tumbling('1 minute'), measures: { c: on.count() } }),
  }),
});

definePipeline({
  ...base,
  views: (on) => ({
    v: on.view({
      key: ['who'],
      window,
      measures: { c: on.count() },
      // @ts-expect-error derive from a measure that is not there
      derive: (r) => ({ q: r.ratio('c', 'd') }),
    }),
  }),
});

definePipeline({
  ...base,
  views: (on) => ({
    // @ts-expect-error where on a field that is not there
    v: on.view({ key: ['who'], window, measures: { c: on.where({ whom: 'a' }).count() } }),
  }),
});

definePipeline({
  ...base,
  views: (on) => ({
    // @ts-expect-error exactOptionalPropertyTypes: undefined is no lateness
    v: on.view({ key: ['who'], window, lateness: undefined, measures: { c: on.count() } }),
  }),
});

// @ts-expect-error no such view
await reader.query(flights, 'byOrigins');

// @ts-expect-error order by a measure that is not in the view
await reader.query(flights, 'byOrigin', { orderBy: 'mile' });

// @ts-expect-error key part of another view
await reader.query(flights, 'byOrigin', { key: { route: 'SFO-LAX' } });

definePipeline({
  ...base,
  // @ts-expect-error quantiles of a string
  views: (on) => ({ v: on.view({ key: [], window, measures: { q: on.quantiles('who', [0.5]) } }) }),
});

definePipeline({
  ...base,
  // @ts-expect-error distinct values of a field that is not there
  views: (on) => ({ v: on.view({ key: [], window, measures: { d: on.distinct('whom') } }) }),
});

definePipeline({
  ...base,
  views: (on) => ({
    v: on.view({
      key: [],
      window,
      measures: { q: on.quantiles('n', [0.5]) },
      // @ts-expect-error derive from a quantile that is not there
      derive: (r) => ({ tail: r.ratio('q.p99', 'q.p50') }),
    }),
  }),
});

// @ts-expect-error order by a measure of several numbers
await reader.query(sketches, 'v', { orderBy: 'q' });

// @ts-expect-error order by the most frequent values
await reader.query(sketches, 'v', { orderBy: 'top' });

definePipeline({
  ...base,
  // @ts-expect-error misspelt partition key that is spread
  partitionKey: spread('whom', 8),
  views: (on) => ({ v: on.view({ key: ['who'], window, measures: { c: on.count() } }) }),
});

definePipeline({
  ...base,
  // @ts-expect-error a spread partition key that may be absent
  partitionKey: spread('maybe', 8),
  views: (on) => ({ v: on.view({ key: ['who'], window, measures: { c: on.count() } }) }),
});

definePipeline({
  ...base,
  views: (on) => ({
    // @ts-expect-error a number of keys that is text
    v: on.view({ key: ['who'], keysMax: '9', window, measures: { c: on.count() } }),
  }),
});

// @ts-expect-error a key that only the overflow row has
await reader.query(limited, 'byPage', { key: { page: null } });

// @ts-expect-error a key used as text before the row is known to have one
(await reader.query(limited, 'byPage')).rows[0]?.key.page.length;

const Person = Type.Object({
  name: Type.String(),
  age: Type.Integer(),
  tags: Type.Array(Type.String()),
});
const people = reference({ key: 'name', schema: Person });
const views = (on: On<{ who: string }>) => ({
  v: on.view({ key: ['who'], window, measures: { c: on.count() } }),
});

// @ts-expect-error a key of a table that is not in its rows
reference({ key: 'nme', schema: Person });

// @ts-expect-error a key of a table that is a list
reference({ key: 'tags', schema: Person });

definePipeline({
  ...{ ...base, views, references: { people } },
  // @ts-expect-error a table that is not declared
  transform: (e, { persons }) => ({ who: persons.get(e.who)?.name ?? '' }),
});

definePipeline({
  ...{ ...base, views, references: { people } },
  // @ts-expect-error a field that its rows don't have
  transform: (e, { people: all }) => ({ who: all.get(e.who)?.nam ?? '' }),
});

definePipeline({
  ...{ ...base, views, references: { people } },
  // @ts-expect-error a key of another type
  transform: (e, { people: all }) => ({ who: all.get(e.n)?.name ?? '' }),
});

// @ts-expect-error a group by a part of another view
await reader.query(flights, 'byOrigin', { group: ['route'] });

// @ts-expect-error a prefix of a part that is no text
await reader.query(days, 'byDay', { prefix: { n: '1' } });

const grouped = await reader.query(days, 'byDay', { group: ['day'] });
// @ts-expect-error a part of the key that the group has left out
grouped.rows[0]?.key.ok;

const { rows } = await reader.changes(days, 'byDay', null, { group: ['ok'] });
// @ts-expect-error a part of the key that changes of a group have not
rows[0]?.key.day;
