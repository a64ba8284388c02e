import type { JsonObject, Scalar } from './event.ts';
import { getter } from './field.ts';
import type { Measure, MeasureOptions } from './measure/measure.ts';
import { type MeasureKind, measures } from './measure/measures.ts';
import { quantileName } from './measure/quantiles.ts';
import type { MeasurePlan } from './plan.ts';

/** A measure as the builder returned it, unchecked. */
interface RawMeasure extends JsonObject {
  readonly kind: MeasureKind;
  readonly field?: string;
  readonly where?: unknown;
}

/** Tells what is wrong. */
export type Wrong = (what: string) => void;

/** What the names of views, measures and derived values look like. */
export const namePattern: RegExp = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;
const measuresMax = 32;
const scaleMax = 12;
const sharesMax = 32;
const edgesMax = 64;
const topMax = 100;

const options = new Set(['kind', 'field', 'where', 'scale', 'at', 'edges', 'k']);
const fieldMeasures = ['min', 'max', 'distinct', 'first', 'last'] as const;
const scaledMeasures = ['sum', 'mean', 'variance', 'stddev'] as const;

/** The methods that make measures of the events that match; of all of them where nothing must. */
export function measuresOf(where: unknown): object {
  const of = (kind: MeasureKind, field?: unknown, options: object = {}) => ({
    kind,
    ...(field === undefined ? {} : { field }),
    ...options,
    ...(where === undefined ? {} : { where }),
  });
  const scaled = scaledMeasures.map((kind) => [
    kind,
    (field: string, options: unknown = {}) =>
      of(kind, field, isPlain(options) ? options : { options }),
  ]);
  return {
    count: () => of('count'),
    ...Object.fromEntries(scaled),
    ...Object.fromEntries(fieldMeasures.map((kind) => [kind, (field: string) => of(kind, field)])),
    quantiles: (field: string, at: unknown) => of('quantiles', field, { at }),
    histogram: (field: string, edges: unknown) => of('histogram', field, { edges }),
    topK: (field: string, k: unknown) => of('topK', field, { k }),
  };
}

/** Checks the measures of a view and makes their plans. `fields` is null when they can't be told. */
export function measurePlans(
  raw: unknown,
  fields: Set<string> | null,
  wrong: Wrong,
): MeasurePlan[] {
  const named = Object.entries((raw ?? {}) as Record<string, RawMeasure>);
  if (named.length === 0) wrong('there must be at least one measure');
  if (named.length > measuresMax) wrong(`at most ${measuresMax} measures, not ${named.length}`);
  return named.map(([name, measure]) => {
    const tell = (what: string): void => wrong(`measure '${name}': ${what}`);
    if (typeof measure !== 'object' || measure === null) {
      tell("must be one of on's, such as on.count()");
    }
    return measurePlan(name, measure ?? {}, fields, tell);
  });
}

function measurePlan(
  name: string,
  raw: RawMeasure,
  fields: Set<string> | null,
  wrong: Wrong,
): MeasurePlan {
  const { kind, field } = raw;
  if (!namePattern.test(name)) wrong('1 to 63 letters, digits and _');
  const measure: Measure | null = Object.hasOwn(measures, kind) ? measures[kind] : null;
  if (measure === null) wrong(`there is no measure '${kind}'`);
  const { takes = 'nothing', eventBytesMax = 0, keepsIds = false } = measure ?? {};
  if (takes !== 'nothing' && fields?.has(String(field)) === false) wrong(`no field '${field}'`);
  const where = whereOf(raw.where, fields, wrong);
  const options = optionsOf(raw, wrong);
  return {
    ...{ name, kind, options, where, takes, eventBytesMax, keepsIds },
    members: measure?.members?.(options) ?? null,
    ...{ field: field ?? null, get: field === undefined ? null : getter(String(field)) },
  };
}

/** What fields of an event must be for it to count: all of them. */
function whereOf(raw: unknown, fields: Set<string> | null, wrong: Wrong): [string, Scalar][] {
  if (raw === undefined) return [];
  if (!isPlain(raw)) {
    wrong("where must be an object of fields and values, such as { type: 'click' }");
    return [];
  }
  return Object.entries(raw).map(([field, value]) => {
    if (fields?.has(field) === false) wrong(`where has no field '${field}'`);
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      wrong(`where ${field}: must be a text, a number or a boolean`);
    }
    return [field, value as Scalar];
  });
}

function isPlain(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The options of a measure; those that its kind does not have are not there, so that they are in no shape. */
function optionsOf(raw: RawMeasure, wrong: Wrong): MeasureOptions {
  const { kind, scale = 0, at, edges, k } = raw;
  for (const option of Object.keys(raw)) {
    if (!options.has(option)) wrong(`'${option}' is not an option of a measure`);
  }
  if (!isWhole(scale, 0, scaleMax)) wrong(`scale must be 0 to ${scaleMax}`);
  const scaled = { scale: scale as number };
  if (kind === 'quantiles') return { ...scaled, at: sharesOf(at, wrong) };
  if (kind === 'histogram') return { ...scaled, edges: edgesOf(edges, wrong) };
  if (kind !== 'topK') return scaled;
  if (!isWhole(k, 1, topMax)) wrong(`the number of top values must be 1 to ${topMax}`);
  return { ...scaled, k: isWhole(k, 1, topMax) ? (k as number) : 1 };
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function numbersOf(raw: unknown, most: number): number[] | null {
  if (!Array.isArray(raw) || raw.length === 0 || raw.length > most) return null;
  return raw.every((value) => Number.isFinite(value)) ? raw.map((value) => value + 0) : null;
}

function sharesOf(raw: unknown, wrong: Wrong): number[] {
  const shares = numbersOf(raw, sharesMax);
  const isShare = (share: number): boolean =>
    share >= 0 && share <= 1 && Math.round(share * 1e6) / 1e6 === share;
  if (shares === null || !shares.every(isShare)) {
    wrong(`quantiles must be 1 to ${sharesMax} numbers from 0 to 1 of at most six decimals`);
    return [];
  }
  const names = shares.map(quantileName);
  if (new Set(names).size !== names.length) wrong('a quantile is named twice');
  return shares;
}

function edgesOf(raw: unknown, wrong: Wrong): number[] {
  const edges = numbersOf(raw, edgesMax);
  if (edges?.every((edge, i) => i === 0 || edge > (edges[i - 1] as number))) return edges;
  wrong(`the edges of a histogram must be 1 to ${edgesMax} ascending numbers`);
  return [];
}
