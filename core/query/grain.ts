import { durationText, parseDuration } from '../duration.ts';
import { eventTimeMax, eventTimeMin, timeMax, timeMin } from '../event.ts';
import { grainsOf, type ViewPlan } from '../plan.ts';
import { mergeInto } from '../view/rollup.ts';
import { Rows } from '../view/rows.ts';
import { tumblingPlan } from '../window/tumbling.ts';

/** In what windows an answer is given, and from which stored ones. */
export interface Grain {
  /** The view itself or one of its rollups. */
  readonly stored: ViewPlan;
  /** Its own windows, tumbling windows of so many milliseconds, or one window of the whole range. */
  readonly windows: 'stored' | 'all' | number;
}

/** A range of starts of windows, [from, to), epoch milliseconds. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * The grain that a query asks for, and the coarsest stored one that answers it exactly: the windows asked for, or the
 * ends of the range, are whole windows of it. Coarser rows are fewer, and kept longer.
 */
export function grainOf(
  text: string | undefined,
  view: ViewPlan,
  range: Range,
  problems: string[],
): Grain {
  if (text === undefined) return { stored: view, windows: 'stored' };
  const { kind, unit } = view.window;
  if (kind !== 'tumbling') {
    problems.push(`grain: '${view.name}' has ${kind} windows; only tumbling ones have grains`);
    return { stored: view, windows: 'stored' };
  }
  if (text === 'all') {
    const isRate = view.derived.some((one) => one.kind === 'per-second');
    if (isRate && (range.from <= timeMin || range.to >= timeMax)) {
      problems.push("grain: for 'all' of a view with perSecond, from and to must be given");
    }
    return { stored: coarsest(view, alignedWith(range, view), problems), windows: text };
  }
  const size = parseDuration(text);
  if (size === null || size === 0 || size % unit !== 0) {
    problems.push(
      `grain: must be 'all' or a multiple of ${durationText(unit)}, the windows of '${view.name}', not '${text}'`,
    );
    return { stored: view, windows: 'stored' };
  }
  const stored = coarsest(view, (length) => size % length === 0, problems);
  return { stored, windows: stored.window.unit === size ? 'stored' : size };
}

function coarsest(view: ViewPlan, fits: (length: number) => boolean, problems: string[]): ViewPlan {
  const stored = grainsOf(view).findLast(({ window }) => fits(window.unit));
  if (stored !== undefined) return stored;
  const size = durationText(view.window.unit);
  problems.push(`grain: for 'all', from and to must be bounds of windows of ${size}`);
  return view;
}

/** Whether both ends of a range, where it has them, are bounds of windows of a length. */
function alignedWith({ from, to }: Range, { window }: ViewPlan): (length: number) => boolean {
  const isBound = (time: number, length: number): boolean => (time - window.origin) % length === 0;
  return (length) =>
    (from <= timeMin || isBound(from, length)) && (to >= timeMax || isBound(to, length));
}

/** The panes of which the windows that start in a range are made. */
export function panesOf({ stored, windows }: Grain, { from, to }: Range): Range {
  if (typeof windows !== 'number') return { from, to };
  return { from: ceil(from, windows, stored), to: ceil(to, windows, stored) };
}

/** The first window of a size that starts at a time or later. */
export function ceil(time: number, size: number, { window }: ViewPlan): number {
  if (time < eventTimeMin || time > eventTimeMax) return time;
  return Math.ceil((time - window.origin) / size) * size + window.origin;
}

/** The windows of a grain that start in a range, put together from the stored rows of all partitions. */
export function regroup(rows: Rows, { windows }: Grain, { from, to }: Range): Rows {
  const { view } = rows;
  const inRange = (start: number): boolean => start >= from && start < to;
  // What has expired is left out here as a whole: no row's own end would tell.
  const plan = { ...view, retain: null };
  if (windows === 'all') {
    const all = new Rows(plan);
    const start = Math.max(from, eventTimeMin);
    for (let row = 0; row < rows.size; row += 1) {
      if (!inRange(rows.starts[row] as number)) continue;
      all.mergeCells(all.rowLike(start, rows, row), rows, row);
    }
    all.ends = all.starts.map(() => Math.min(to, timeMax));
    return all;
  }
  const coarse = new Rows({ ...plan, window: tumblingPlan(Number(windows), view.window.origin) });
  const { window } = coarse.view;
  const only = [...rows.starts.keys()].filter((row) =>
    inRange(window.paneStart(rows.starts[row] as number)),
  );
  mergeInto(coarse, rows, only);
  return coarse;
}
