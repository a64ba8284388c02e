import { parseDuration } from './duration.ts';
import type { JsonObject } from './event.ts';
import { getter } from './field.ts';
import { publishPlan } from './finals/publish-definition.ts';
import { measurePlans, measuresOf, namePattern, type Wrong } from './measure-definition.ts';
import { type DerivedPlan, type MeasurePlan, pathsOf, type ViewPlan } from './plan.ts';
import { rollupPlans } from './rollup-definition.ts';
import { globalPlan } from './window/global.ts';
import { tumblingPlan } from './window/tumbling.ts';
import { windowPlan } from './window/window-definition.ts';

/** A view as the builder returned it, unchecked. */
export type RawView = JsonObject;

const keyPartsMax = 8;
const viewOptions = new Set([
  ...['key', 'keysMax', 'window', 'lateness', 'retain', 'rollups', 'measures', 'derive'],
  'publish',
]);

/** The `on` that the callback of `views` gets. */
export function builder(): object {
  return {
    ...measuresOf(undefined),
    where: (match: unknown = null) => measuresOf(match),
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
  const keysMax = keysMaxOf(raw['keysMax'], key, wrong);
  const window = windowPlan(raw['window'], wrong);
  const lateness = duration('lateness', raw['lateness'] ?? '0s', wrong);
  const retain = raw['retain'] === undefined ? null : duration('retain', raw['retain'], wrong);
  if (window === globalPlan) checkGlobal(raw, wrong);
  else if (retain !== null && retain < window.windowMax + lateness) {
    wrong('retain must be at least window + lateness');
  }
  const plans = measurePlans(raw['measures'], fields, wrong);
  const derived = derivedPlans(raw['derive'], plans, wrong);
  if (window === globalPlan && derived.some(({ kind }) => kind === 'per-second')) {
    wrong('a global window has no length: there is no perSecond over it');
  }
  const keyGets = key.map(getter);
  const publish = publishPlan(raw['publish'], wrong);
  const view = { name, key, keysMax, keyGets, window, lateness, retain, measures: plans };
  const plan = { ...view, derived, publish };
  return { ...plan, rollups: rollupPlans(raw['rollups'], { ...plan, rollups: [] }, wrong) };
}

const noView = {
  ...{ key: [], keysMax: null, keyGets: [], window: tumblingPlan(1, 0), lateness: 0, retain: null },
  ...{ rollups: [], measures: [], derived: [], publish: null },
};

function keysMaxOf(raw: unknown, key: readonly string[], wrong: Wrong): number | null {
  if (raw === undefined) return null;
  if (!(Number.isSafeInteger(raw) && (raw as number) >= 1)) {
    wrong(`keysMax must be a whole number from 1, not ${JSON.stringify(raw)}`);
  }
  if (key.length === 0) wrong('keysMax limits keys: a view without a key has no use for it');
  return raw as number;
}

function duration(option: string, text: unknown, wrong: Wrong): number {
  const ms = parseDuration(text);
  if (ms === null) wrong(`${option} must be a duration such as '10m', not ${JSON.stringify(text)}`);
  return ms ?? 0;
}

/** What only makes sense for windows that end. */
function checkGlobal(raw: RawView, wrong: Wrong): void {
  for (const option of ['lateness', 'retain']) {
    if (raw[option] !== undefined) wrong(`a global window has no end: leave ${option} out`);
  }
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
