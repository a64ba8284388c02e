import { durationText } from '../duration.ts';
import { MillraceError } from '../errors.ts';
import { eventTimeMin, timeMax, timeMin } from '../event.ts';
import { grainsOf, type ViewPlan } from '../plan.ts';
import { ceil, type Grain, type Range } from './grain.ts';

/** What a query asks for, as far as it matters here. */
interface Asked extends Range {
  readonly grain: Grain;
}

/**
 * The event time by which retention is judged: what is final, which never falls, is the same for all readers and has
 * been passed by every partition. Where the stream has ended all is final, and the watermark tells.
 */
export function levelOf(finalTo: number, watermark: number): number {
  if (finalTo < timeMax) return finalTo;
  // That of a partition which began after the end tells nothing.
  return watermark < timeMax ? watermark : timeMin;
}

/** The range without what has expired for certain, before anything was read. */
export function rangeOf({ from, to, grain }: Asked, finalTo: number): Range {
  const level = levelOf(finalTo, timeMin);
  return { from: Math.max(from, shownFrom(grain.stored, level, timeMin)), to };
}

/**
 * The range of an answer without what has expired, and the time from which on nothing has.
 *
 * @param level as of {@link levelOf}.
 * @param removed the start of the first page that is still there, in all partitions.
 * @throws MillraceError `request` for a range of which nothing is left, or of which one row would lack a part.
 */
export function keptOf(
  { from, to, grain }: Asked,
  view: ViewPlan,
  level: number,
  removed: number,
): { readonly from: number; readonly range: Range } {
  const { stored, windows } = grain;
  const whole = (time: number): number =>
    typeof windows === 'number' ? ceil(time, windows, view) : time;
  const kept = whole(keptFrom(stored, level, removed));
  const shown = whole(shownFrom(stored, level, removed));
  const isTorn = windows === 'all' && from > timeMin && from < kept;
  if (to <= shown || isTorn) throw expired(stored, kept, view, level);
  return { from: kept, range: { from: Math.max(from, shown), to } };
}

/** Windows of a view that start at this time or later are kept; of those before, some or all have expired. */
function keptFrom({ window, retain }: ViewPlan, level: number, removed: number): number {
  const whole = removed <= timeMin ? timeMin : removed + window.before;
  const passed = retain === null ? timeMin : level - retain;
  if (passed < eventTimeMin) return whole;
  // How long a session is only its rows tell, and each is judged by its own end.
  if (window.kind === 'session') return Math.max(whole, passed);
  // The first window whose end has not passed.
  const first =
    window.kind === 'hopping'
      ? window.paneStart(passed - window.windowMax) + window.unit
      : window.paneStart(passed);
  return Math.max(whole, first);
}

/** No row that starts before this time is shown. */
function shownFrom(view: ViewPlan, level: number, removed: number): number {
  if (view.window.kind !== 'session' || view.retain === null) return keptFrom(view, level, removed);
  const { before, windowMax } = view.window;
  return Math.max(removed <= timeMin ? timeMin : removed + before, level - view.retain - windowMax);
}

function expired(stored: ViewPlan, kept: number, view: ViewPlan, level: number): MillraceError {
  const coarser = grainsOf(view).flatMap((one) => {
    const from = keptFrom(one, level, timeMin);
    return from < kept && one.window.unit > stored.window.unit
      ? [
          `windows of ${durationText(one.window.unit)} ${from <= timeMin ? 'all' : `from ${told(from)} on`}`,
        ]
      : [];
  });
  const text =
    `what starts before ${told(kept)} has expired` +
    (coarser.length > 0 ? `; of coarser grain there are ${coarser.join(', ')}` : '');
  return new MillraceError('request', text, { problems: [text] });
}

function told(time: number): string {
  return new Date(time).toISOString();
}
