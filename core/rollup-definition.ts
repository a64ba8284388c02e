import { type Duration, durationText, parseDuration } from './duration.ts';
import type { JsonObject } from './event.ts';
import type { Wrong } from './measure-definition.ts';
import type { ViewPlan } from './plan.ts';
import { tumblingPlan } from './window/tumbling.ts';

/** The rows of a view in coarser windows, kept beside its own. */
export interface Rollup {
  /** The length of its windows: a multiple of the next finer one's. */
  readonly size: Duration;
  /** How long after its end a window is kept; at least as long as of the next finer one. Default: for ever. */
  readonly retain?: Duration;
}

const rollupsMax = 8;
const options = ['size', 'retain'];

/** Checks the rollups of a view and makes a plan of each: the view again, with coarser windows and its own retention. */
export function rollupPlans(raw: unknown, view: ViewPlan, wrong: Wrong): ViewPlan[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    wrong("rollups must be an array such as [{ size: '1h', retain: '90d' }]");
    return [];
  }
  const { kind, origin } = view.window;
  if (kind !== 'tumbling') {
    wrong(`there are rollups of tumbling windows alone, not of ${kind} ones`);
    return [];
  }
  if (raw.length > rollupsMax) wrong(`at most ${rollupsMax} rollups, not ${raw.length}`);
  const plans: ViewPlan[] = [];
  let finer = view;
  for (const one of raw) {
    const { size, retain } = checked(one, finer, wrong);
    if (size === null) continue;
    finer = { ...view, window: tumblingPlan(size, origin), retain };
    plans.push(finer);
  }
  return plans;
}

/** The size and retention of one rollup; no size for one that can't be. */
function checked(
  raw: unknown,
  finer: ViewPlan,
  wrong: Wrong,
): { readonly size: number | null; readonly retain: number | null } {
  const given = (typeof raw === 'object' && raw !== null ? raw : {}) as JsonObject;
  for (const option of Object.keys(given)) {
    if (!options.includes(option)) wrong(`'${option}' is not an option of a rollup`);
  }
  const size = parseDuration(given['size']);
  const name = `rollup ${JSON.stringify(given['size']) ?? 'without size'}`;
  const { unit } = finer.window;
  if (size === null || size <= unit || size % unit !== 0) {
    wrong(
      `${name}: its size must be a multiple of the next finer one, ${durationText(unit)}, and more`,
    );
    return { size: null, retain: null };
  }
  if (given['retain'] === undefined) return { size, retain: null };
  const retain = parseDuration(given['retain']);
  if (retain === null) {
    wrong(`${name}: retain must be a duration such as '90d'`);
  } else if (retain < size + finer.lateness) {
    wrong(`${name}: retain must be at least its size + lateness`);
  } else if (finer.retain === null || retain < finer.retain) {
    const least = finer.retain === null ? 'for ever' : durationText(finer.retain);
    wrong(`${name}: retain must be at least that of the next finer one, ${least}`);
  }
  return { size, retain };
}
