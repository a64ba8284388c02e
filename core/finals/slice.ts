import { eventTimeMin, timeMin } from '../event.ts';
import { pageRange, pageSort, partitionKeyOf } from '../journal/keys.ts';
import type { ViewPlan } from '../plan.ts';
import type { Reader, WindowsRead } from '../query/reader.ts';
import { removedOf } from '../query/snapshot.ts';
import type { PageContext } from '../view/page.ts';

/** Pages of event time that are read at once. */
const slicePages = 16;

/** How much event time is read at once: some pages, and a whole window at least. */
export function sliceMs({ window }: ViewPlan): number {
  const page = window.pageEnd(window.pageStart(0)) - window.pageStart(0);
  return Math.max(window.windowMax, slicePages * page);
}

/** The first start that a window may have which becomes final after an instant. */
export function startAfter({ window, lateness }: ViewPlan, finalTo: number): number {
  // What a range of ends needs is a longer range of starts.
  return Math.max(timeMin, finalTo - lateness - window.windowMax);
}

/** Where the first windows are, and up to when that is known. */
export interface Sought {
  /** No window that starts at `from` or later starts before this; infinity if there is none. */
  readonly first: number;
  readonly finalTo: number;
}

/** Finds the first windows that start at `from` or later, so that years of nothing are not read piece by piece. */
export async function seek(
  context: PageContext,
  reader: Reader,
  view: ViewPlan,
  from: number,
): Promise<Sought> {
  const { window } = view;
  // The tail first: what moves into a page meanwhile is met there.
  const at = Math.max(from, eventTimeMin);
  const read = await reader.windowsIn(view, { from: at, to: at + 1 });
  const pane = from < eventTimeMin ? from : window.paneStart(from);
  let first = Number.POSITIVE_INFINITY;
  for (const { rows } of read.snapshots) {
    for (const start of rows?.starts ?? []) if (start >= pane) first = Math.min(first, start);
  }
  const [all, end] = pageRange(view.name, window.grain);
  const sort =
    from < eventTimeMin ? all : pageSort(view.name, window.grain, window.pageStart(from));
  for (const { partition } of read.snapshots) {
    const pk = partitionKeyOf(context.scope, partition);
    const [item] = await context.store.range(pk, sort, end, 1);
    if (item === undefined) continue;
    first = Math.min(first, Date.parse(item.sort.slice(item.sort.lastIndexOf('/') + 1)));
  }
  // A pane is in windows that start before it.
  return { first: first - window.after, finalTo: certain(read) };
}

/**
 * From where on the windows of a read are whole. Pages are removed once all that they are in has been sent, so what
 * starts before is nothing to send: who still looks there has an old cursor, and would send a part for the whole.
 */
export function wholeFrom(
  { window }: ViewPlan,
  from: number,
  snapshots: WindowsRead['snapshots'],
): number {
  const removed = removedOf(snapshots);
  return removed <= timeMin ? from : Math.max(from, removed + window.before);
}

/** Up to when a read holds all that counts: nothing is certain while a partition's beginning is not to be seen. */
export function certain({ active, finalTo }: WindowsRead): number {
  return active.some(({ index }) => index < 0) ? timeMin : finalTo;
}
