import { Compile } from 'typebox/schema';
import { parseDuration } from './duration.ts';
import { MillraceError } from './errors.ts';
import type { JsonObject } from './event.ts';
import { getter } from './field.ts';
import { namePattern } from './measure-definition.ts';
import type { Idle, Plan, ReferencePlan, ViewPlan } from './plan.ts';
import { referencesMax } from './references/versions.ts';
import { installDateTime } from './schema/rfc3339.ts';
import { type Spread, spreadMax } from './spread.ts';
import { builder, type RawView, viewPlan } from './view-definition.ts';

/** A definition whose types nobody has checked. */
export interface RawDefinition {
  readonly [option: string]: unknown;
  readonly name?: unknown;
}

type Problems = string[];

const options = new Set([
  ...['name', 'schema', 'id', 'time', 'partitionKey', 'watermark', 'dedupe', 'transform', 'views'],
  'references',
]);
const dedupeDefaultMax = 3_600_000;
const viewsMax = 32;
const bucketsPerHorizon = 8;
const bucketsPerBound = 64;
const bucketsPerSkew = 4_096;
const bucketSizeMin = 1_000;

/**
 * Checks a definition and makes its plan.
 *
 * @throws MillraceError `definition` that lists every problem found.
 */
export function compile(raw: RawDefinition): { readonly views: object; readonly plan: Plan } {
  if (typeof raw !== 'object' || raw === null) {
    const text = 'a definition must be an object, { name, schema, … }';
    throw new MillraceError('definition', text, { problems: [text] });
  }
  const problems: Problems = [];
  for (const option of Object.keys(raw)) {
    if (!options.has(option)) problems.push(`'${option}' is not an option of a pipeline`);
  }
  const name = raw.name;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
    problems.push("name: must be 1 to 63 of a-z, 0-9 and '-', starting with a letter");
  }
  const schema = schemaOf(raw['schema'], problems);
  const fields = schema?.fields ?? null;
  const transform = raw['transform'];
  if (transform !== undefined && typeof transform !== 'function') {
    problems.push('transform: must be a function of the event');
  }
  const watermark = watermarkOf(raw['watermark'], problems);
  const views = viewsOf(raw['views'], problems, transform === undefined ? fields : null);
  const plan: Omit<Plan, 'shape'> = {
    name: String(name),
    schema: (raw['schema'] ?? {}) as JsonObject,
    idField: typeof raw['id'] === 'string' ? raw['id'] : null,
    check: schema?.check ?? (() => false),
    explain: schema?.explain ?? (() => []),
    id: access('id', raw['id'], fields, problems),
    time: access('time', raw['time'], fields, problems),
    ...partitionKeyOf(raw['partitionKey'], fields, problems),
    ...watermark,
    ...dedupeOf(raw['dedupe'], views.plans, watermark, problems),
    references: referencesOf(raw['references'], problems),
    transform: (transform as Plan['transform'] | undefined) ?? null,
    views: views.plans,
  };
  if (problems.length > 0) {
    const list = problems.map((problem) => `\n  - ${problem}`).join('');
    const which = typeof name === 'string' ? `pipeline '${name}'` : 'a pipeline';
    throw new MillraceError('definition', `${which} is not well defined:${list}`, { problems });
  }
  return { views: views.raw, plan: { ...plan, shape: shapeOf(plan) } };
}

function schemaOf(schema: unknown, problems: Problems) {
  if (typeof schema !== 'object' || schema === null) {
    problems.push('schema: must be a JSON Schema, for example Type.Object({ … })');
    return null;
  }
  installDateTime();
  try {
    const validator = Compile(schema as never);
    return {
      check: (event: unknown): boolean => validator.Check(event),
      explain: (event: unknown): string[] =>
        validator
          .Errors(event)[1]
          .slice(0, 10)
          .map((error) => `${error.instancePath || '/'} ${error.message}`),
      fields: fieldsOf(schema as JsonObject),
    };
  } catch (cause) {
    problems.push(`schema: can't be compiled: ${String(cause)}`);
    return null;
  }
}

/** Fields that every event of an object schema, or of a union of them, may have; null when it can't be told. */
function fieldsOf(schema: JsonObject): Set<string> | null {
  const members = schema['anyOf'];
  if (Array.isArray(members)) {
    const all = members.map((member) => fieldsOf(member as JsonObject));
    if (all.some((fields) => fields === null)) return null;
    return new Set(all.flatMap((fields) => [...(fields ?? [])]));
  }
  const properties = schema['properties'];
  return typeof properties === 'object' && properties !== null
    ? new Set(Object.keys(properties))
    : null;
}

function access(option: string, by: unknown, fields: Set<string> | null, problems: Problems) {
  if (typeof by === 'function') return by as (event: JsonObject) => unknown;
  if (typeof by !== 'string') {
    problems.push(`${option}: must be a field or a function of the event`);
  } else if (fields !== null && !fields.has(by)) {
    problems.push(`${option}: the schema has no field '${by}'`);
  }
  return getter(String(by));
}

/** A field, a function, or what `spread` made of a field. */
function partitionKeyOf(raw: unknown, fields: Set<string> | null, problems: Problems) {
  if (typeof raw !== 'object' || raw === null) {
    return { partitionKey: access('partitionKey', raw, fields, problems), spreadOver: 1 };
  }
  const { key, over } = raw as Spread<string>;
  if (!(Number.isInteger(over) && over >= 2 && over <= spreadMax)) {
    problems.push(`partitionKey: spread over 2 to ${spreadMax} sub-keys, not ${over}`);
  }
  if (typeof key !== 'string') problems.push('partitionKey: spread takes the name of a field');
  return { partitionKey: access('partitionKey', String(key), fields, problems), spreadOver: over };
}

const referenceOptions = ['key', 'schema'];

function referencesOf(raw: unknown, problems: Problems): ReferencePlan[] {
  if (raw === undefined) return [];
  if (typeof raw !== 'object' || raw === null) {
    problems.push('references: must be { name: reference({ … }) }');
    return [];
  }
  const all = Object.entries(raw as Record<string, JsonObject | null>);
  if (all.length > referencesMax) {
    problems.push(`references: at most ${referencesMax}, not ${all.length}`);
  }
  return all.map(([name, given]) => {
    const own: Problems = [];
    if (!namePattern.test(name)) own.push('its name must be 1 to 63 letters, digits and _');
    const { schema: shape, key } = given ?? {};
    for (const option of Object.keys(given ?? {})) {
      if (!referenceOptions.includes(option))
        own.push(`'${option}' is not an option of a reference`);
    }
    const schema = schemaOf(shape, own);
    if (schema?.fields?.has(String(key)) === false)
      own.push(`key: no field '${key}' in its schema`);
    problems.push(...own.map((problem) => `reference '${name}': ${problem}`));
    const { check = () => false, explain = () => [] } = schema ?? {};
    return { name, key: String(key), schema: (shape ?? {}) as JsonObject, check, explain };
  });
}

const watermarkOptions = ['outOfOrder', 'futureSkew', 'idleAfter', 'idle'];
const idleAfterDefault = 60_000;

function watermarkOf(raw: unknown, problems: Problems) {
  const watermark = (raw === undefined ? { outOfOrder: '0s' } : raw) as JsonObject;
  if (typeof watermark !== 'object' || watermark === null) {
    problems.push("watermark: must be { outOfOrder: a duration such as '10s' }");
    return { outOfOrder: 0, futureSkew: null, idleAfter: idleAfterDefault, idle: null };
  }
  const outOfOrder = parseDuration(watermark['outOfOrder']);
  const skew = watermark['futureSkew'];
  const futureSkew = skew === undefined ? null : parseDuration(skew);
  if (outOfOrder === null) problems.push("watermark.outOfOrder: must be a duration such as '10s'");
  if (skew !== undefined && futureSkew === null) {
    problems.push("watermark.futureSkew: must be a duration such as '1h'");
  }
  const after = watermark['idleAfter'];
  const idleAfter = after === undefined ? idleAfterDefault : parseDuration(after);
  if (idleAfter === null) problems.push("watermark.idleAfter: must be a duration such as '1m'");
  const idle = watermark['idle'] ?? null;
  if (idle !== null && idle !== 'clock' && idle !== 'hold') {
    problems.push("watermark.idle: must be 'clock' or 'hold'");
  }
  for (const option of Object.keys(watermark)) {
    if (!watermarkOptions.includes(option)) {
      problems.push(`watermark: '${option}' is not an option`);
    }
  }
  return {
    ...{ outOfOrder: outOfOrder ?? 0, futureSkew },
    ...{ idleAfter: idleAfter ?? idleAfterDefault, idle: idle as Idle | null },
  };
}

function dedupeOf(
  raw: unknown,
  views: readonly ViewPlan[],
  { outOfOrder, futureSkew }: Pick<Plan, 'outOfOrder' | 'futureSkew'>,
  problems: Problems,
) {
  const exact = Math.max(1, ...views.map((view) => view.window.paneMax + view.lateness));
  let horizon = exact;
  if (raw === 'off') horizon = 0;
  else if (raw !== undefined) {
    const { within, ...others } = (raw ?? {}) as JsonObject;
    horizon = parseDuration(within) ?? 0;
    if (horizon === 0) {
      problems.push("dedupe: must be 'off' or { within: a duration such as '1h' }");
    } else {
      const unknown = Object.keys(others).map((option) => `dedupe: '${option}' is not an option`);
      problems.push(...unknown);
    }
  } else if (exact > dedupeDefaultMax) {
    const long = Number.isFinite(exact) ? `${exact / 1000}s` : 'for ever';
    problems.push(
      `dedupe: remembering ids for the longest window + lateness (${long}) takes memory ` +
        "for that long: state dedupe: { within: '…' } or 'off'",
    );
  }
  // Live buckets reach from the horizon behind the watermark over the out-of-orderness bound to the future guard.
  const size = Math.max(
    horizon / bucketsPerHorizon,
    outOfOrder / bucketsPerBound,
    (futureSkew ?? 0) / bucketsPerSkew,
    bucketSizeMin,
  );
  return { horizon, bucketSize: Math.ceil(size) };
}

function viewsOf(callback: unknown, problems: Problems, fields: Set<string> | null) {
  const plans: ViewPlan[] = [];
  if (typeof callback !== 'function') {
    problems.push('views: must be a function, (on) => ({ … })');
    return { raw: {}, plans };
  }
  let raw: Record<string, RawView> = {};
  try {
    raw = callback(builder()) ?? {};
  } catch (cause) {
    problems.push(`views: the function failed: ${String(cause)}`);
    return { raw, plans };
  }
  const names = Object.keys(raw);
  if (names.length === 0) problems.push('views: there must be at least one view');
  if (names.length > viewsMax) problems.push(`views: at most ${viewsMax}, not ${names.length}`);
  for (const name of names) plans.push(viewPlan(name, raw[name] as RawView, problems, fields));
  return { raw, plans };
}

/** What stored bytes mean: a change of any of it needs a new generation. Functions can't be compared. */
function shapeOf(plan: Omit<Plan, 'shape'>): string {
  return JSON.stringify({
    name: plan.name,
    horizon: plan.horizon,
    bucketSize: plan.bucketSize,
    views: plan.views.map(({ name, key, window, measures, rollups }) => ({
      ...{ name, key, ...window.shape },
      // One that came later would lack what is compacted.
      ...(rollups.length > 0 ? { rollups: rollups.map((one) => one.window.unit) } : {}),
      measures: measures.map(({ name, kind, field, where, options }) => {
        const { at: _, ...stored } = options;
        return { name, kind, field, where, options: stored };
      }),
    })),
  });
}
