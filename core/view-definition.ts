import { parseDuration } from './duration.ts';
import type { JsonObject, Scalar } from './event.ts';
import { getter } from './field.ts';
import { measurePlans, measuresOf, namePattern, type Wrong } from './measure-definition.ts';
import { type DerivedPlan, type MeasurePlan, pathsOf, type ViewPlan } from './plan.ts';

/** A view as the builder returned it, unchecked. */
export type RawView = JsonObject;

const keyPartsMax = 8;
const pageSizeMin = 60_000;
const viewOptions = new Set(['key', 'window', 'lateness', 'retain', 'measures', 'derive']);

/** The `on` that the callback of `views` gets. */
export function builder(): object {
  return {
    ...measuresOf(undefined),
    where: (match: Readonly<Record<string, Scalar>>) => measuresOf(match),
    view: (view: RawView) => view,
  };
}

/** Checks one view and makes its plan; adds to `problems` all that is wrong. `fields` is null when they can't be told. */
export function viewPlan(
  name: string,
  raw: RawView,
  problems: string[],
  fields: Set<string> | null,
): ViewPlan {
  const wrong = (what: string): void => {
    problems.push(`view '${name}': ${what}`);
  };
  if (!namePattern.test(name)) wrong('its name must be 1 to 63 letters, digits and _');
  if (typeof raw !== 'object' || raw === null) {
    wrong('must be on.view({ … })');
    return { ...noView, name };
  }
  for (const option of Object.keys(raw)) {
    if (!viewOptions.has(option)) wrong(`'${option}' is not an option of a view`);
  }
  const key = Array.isArray(raw['key']) ? raw['key'].map(String) : [];
  if (!Array.isArray(raw['key'])) wrong('key must be an array of fields');
  if (key.length > keyPartsMax) wrong(`at most ${keyPartsMax} key parts, not ${key.length}`);
  if (new Set(key).size !== key.length) wrong('a key part is named twice');
  for (const part of key) if (fields?.has(part) === false) wrong(`no field '${part}' for its key`);
  const size = sizeOf(raw['window'], wrong);
  const lateness = duration('lateness', raw['lateness'] ?? '0s', wrong);
  const retain = raw['retain'] === undefined ? null : duration('retain', raw['retain'], wrong);
  if (retain !== null && retain < size + lateness)
    wrong('retain must be at least window + lateness');
  const plans = measurePlans(raw['measures'], fields, wrong);
  const derived = derivedPlans(raw['derive'], plans, wrong);
  const pageSize = size >= pageSizeMin ? size : size * Math.floor(pageSizeMin / size);
  const keyGets = key.map(getter);
  return { name, key, keyGets, size, lateness, retain, pageSize, measures: plans, derived };
}

const noView = {
  ...{ key: [], keyGets: [], size: 1, lateness: 0, retain: null, pageSize: 1 },
  ...{ measures: [], derived: [] },
};

function duration(option: string, text: unknown, wrong: Wrong): number {
  const ms = parseDuration(text);
  if (ms === null) wrong(`${option} must be a duration such as '10m', not ${JSON.stringify(text)}`);
  return ms ?? 0;
}

function sizeOf(window: unknown, wrong: Wrong): number {
  const { kind, size } = (window ?? {}) as JsonObject;
  if (kind !== 'tumbling') wrong("window must be tumbling('…')");
  const ms = parseDuration(size);
  if (ms === null || ms < 1) wrong(`window must be a duration over 0, not ${JSON.stringify(size)}`);
  return Math.max(1, ms ?? 1);
}

function derivedPlans(derive: unknown, plans: MeasurePlan[], wrong: Wrong): DerivedPlan[] {
  if (derive === undefined) return [];
  if (typeof derive !== 'function') {
    wrong('derive must be a function, (row) => ({ … })');
    return [];
  }
  const row = {
    ratio: (over: string, under: string) => ({ kind: 'ratio' as const, of: [over, under] }),
    perSecond: (of: string) => ({ kind: 'per-second' as const, of: [of] }),
  };
  let given: unknown;
  try {
    given = derive(row);
  } catch (cause) {
    wrong(`the function of derive failed: ${String(cause)}`);
    return [];
  }
  if (typeof given !== 'object' || given === null) {
    wrong('derive must give an object of values made by row.ratio and row.perSecond');
    return [];
  }
  const entries = Object.entries(given as Record<string, Partial<DerivedPlan> | null>);
  return entries.map(([name, plan]) => {
    const { kind = 'ratio', of = [] } = plan ?? {};
    if (of.length === 0) wrong(`derived '${name}': must be row.ratio(…) or row.perSecond(…)`);
    if (!namePattern.test(name)) wrong(`derived '${name}': 1 to 63 letters, digits and _`);
    if (plans.some((plan) => plan.name === name))
      wrong(`derived '${name}': a measure has that name`);
    for (const path of of) {
      const there = plans.flatMap(pathsOf);
      if (there.includes(path)) continue;
      const has = plans.some((plan) => plan.name === path);
      wrong(
        `derived '${name}': ${has ? `'${path}' is not one number` : `there is no measure '${path}'`}` +
          (there.some((one) => one.startsWith(`${path}.`))
            ? `; it has ${there.filter((one) => one.startsWith(`${path}.`)).join(', ')}`
            : ''),
      );
    }
    return { name, kind, of };
  });
}
