import { MillraceError } from '../errors.ts';
import { type Cursor, eventTimeMax, eventTimeMin, start, timeMax, timeMin } from '../event.ts';
import { addCounts, type Counts, noCounts } from '../journal/counts.ts';
import type { End } from '../journal/entry.ts';
import { readHead, type StoredHead } from '../journal/head.ts';
import { addSamples, type KeySample, noSample } from '../journal/key-sample.ts';
import { pageRange, pageSort, partitionKeyOf } from '../journal/keys.ts';
import { addUsage, noUsage, type Usage } from '../journal/usage.ts';
import { type Plan, storedGrains, type ViewPlan } from '../plan.ts';
import { laterVersions, type Versions } from '../references/versions.ts';
import { decodePage, type Page, type PageContext } from '../view/page.ts';
import { mergeInto } from '../view/rollup.ts';
import { Rows } from '../view/rows.ts';
import { readTail, type TailEntry, type Tails } from './tail.ts';
import { tooWide } from './too-wide.ts';
import type { WeightedCache } from './weighted-cache.ts';

/** A partition as one consistent read found it. */
export interface Snapshot {
  readonly partition: string;
  /** The last entry in it. */
  readonly index: number;
  /** The last entry that is in pages. */
  readonly upTo: number;
  readonly next: Cursor;
  readonly watermark: number;
  readonly arrival: number;
  readonly counts: Counts;
  /** What samples of the latest events say about their partition keys. */
  readonly partitionKeys: KeySample;
  /** The versions of the reference tables that were used last. */
  readonly references: Versions;
  /** What its entries say was used. */
  readonly used: Usage;
  /** Why nothing comes after; null while something may. */
  readonly end: End | null;
  /** The start of the first page that is there, of the grain asked for: those before may be gone. */
  readonly removed: number;
  /** The rows of the pages in range and of the whole tail, merged; null when no view was asked for. Not to be changed. */
  readonly rows: Rows | null;
  /** The entries behind the head, with the rows of all views; null when no view was asked for. */
  readonly tail: readonly TailEntry[] | null;
}

/** The start of the first page that is there in all partitions; before all time if none was removed. */
export function removedOf(snapshots: readonly Snapshot[]): number {
  return Math.max(timeMin, ...snapshots.map(({ removed }) => removed));
}

/** Which rows: panes of the windows of a view, or of one of its rollups, whose start is in [from, to), epoch milliseconds. */
export interface ViewRange {
  readonly view: ViewPlan;
  readonly from: number;
  readonly to: number;
}

/** What was read before: the tail of each partition, pages by version, and page lists by head. */
export interface ReadCache {
  readonly tails: Tails;
  readonly pages: WeightedCache<Page>;
  /** Pages in a range as read under one version of the head. */
  readonly lists: WeightedCache<PageList>;
}

/** Pages as read under one version of the head, and what they and the tail give together. */
interface PageList {
  readonly head: string;
  readonly pages: readonly Page[];
  /** The start of the first page that was there when they were read. */
  readonly removed: number;
  /** The last entry that is in any of them. */
  readonly upTo: number;
  /** The merge of the pages and the tail up to `index`. */
  merged: { readonly index: number; readonly rows: Rows } | null;
}

const attemptsMax = 8;
const rangeItems = 256;

/**
 * Reads one partition: head first, then pages, then tail; a tail entry counts for a page only if its number is
 * beyond the page's `upTo` (architecture, section 5). Reading the head later loses updates under compaction.
 *
 * @param withRows whether the rows of new entries are kept for a read that comes next.
 */
export async function snapshot(
  context: PageContext,
  partition: string,
  range: ViewRange | null,
  cache: ReadCache,
  withRows: boolean = range !== null,
): Promise<Snapshot> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const stored = await readHead(context, partition);
    const list = range ? await readPages(context, partition, stored, range, cache) : null;
    if (range !== null && list === null) continue;
    // The tail comes last, so that no page holds an entry behind it: the answer is exactly one prefix of the journal.
    const tail = await readTail(context, partition, stored?.head.upTo ?? -1, withRows, cache.tails);
    if (tail === null) continue;
    // A read that took days may find that entries behind its head have expired: the pages hold them.
    const last = tail.at(-1)?.index ?? stored?.head.upTo ?? -1;
    if (list !== null && list.upTo > last) continue;
    return combine(context, partition, stored, tail, list, range);
  }
  throw new MillraceError(
    'unavailable',
    `partition ${partition}: the journal changed during ${attemptsMax} reads in a row; try again`,
  );
}

/** The pages in range; null when one of them moved on while it was read. */
async function readPages(
  context: PageContext,
  partition: string,
  stored: StoredHead | null,
  { view, from, to }: ViewRange,
  cache: ReadCache,
): Promise<PageList | null> {
  const pk = partitionKeyOf(context.scope, partition);
  const grain = grainIndex(context.plan, view);
  const gone = stored?.head.removed[grain] ?? timeMin;
  const [sortFrom, sortTo] = sortsOf(view, Math.max(from, gone), to);
  const listKey = `${pk} ${sortFrom} ${sortTo}`;
  const listed = cache.lists.get(listKey);
  const head = stored?.version ?? 'none';
  if (listed?.head === head) return listed;
  const limit = context.limits.queryPagesMax;
  const pages: Page[] = [];
  // Without a head there are no pages to count: the tail is the whole journal.
  for (let at = stored === null ? null : sortFrom; at !== null; ) {
    const items = await context.store.range(pk, at, sortTo, rangeItems);
    for (const item of items) {
      const pageKey = `${pk} ${item.sort} ${item.version}`;
      let page = cache.pages.get(pageKey) ?? null;
      if (page === null) {
        page = await decodePage(context, { partition: pk, sort: item.sort }, item, view);
        if (page === null) return null;
        cache.pages.set(pageKey, page, page.rows.weight + 1);
      }
      pages.push(page);
    }
    if (pages.length > limit) throw tooWide(`over ${limit} pages in partition ${partition}`);
    const last = items.at(-1);
    if (last === undefined || items.length < rangeItems) break;
    at = `${last.sort}~`;
  }
  const upTo = pages.reduce((most, page) => Math.max(most, page.upTo), -1);
  // Pages that went while others were read are in the head before they go.
  const now = view.retain === null ? stored : await readHead(context, partition);
  const removed = now?.head.removed[grain] ?? timeMin;
  const list: PageList = { head, pages, removed, upTo, merged: null };
  const weight = pages.reduce((sum, page) => sum + page.rows.weight, pages.length + 1);
  cache.lists.set(listKey, list, weight);
  return list;
}

/** The sort keys of the pages with panes of windows that start in [from, to). */
function sortsOf(view: ViewPlan, from: number, to: number): readonly [from: string, to: string] {
  const { window, name } = view;
  const [first, end] = pageRange(name, window.grain);
  const most = to + window.after - 1;
  // The texts of years beyond 9999 stand before all others, and no page has one.
  const behind = most > eventTimeMax ? timeMax : window.pageEnd(floor(most, view));
  return [
    from - window.before < eventTimeMin
      ? first
      : pageSort(name, window.grain, floor(from - window.before, view)),
    behind > eventTimeMax ? end : pageSort(name, window.grain, behind),
  ];
}

/** The place of a grain among all that are stored. */
function grainIndex(plan: Plan, { name, window }: ViewPlan): number {
  return storedGrains(plan).findIndex(
    (one) => one.name === name && one.window.grain === window.grain,
  );
}

/** The place of the view that a grain is of. */
function viewIndex({ views }: Plan, { name }: ViewPlan): number {
  return views.findIndex((one) => one.name === name);
}

function floor(time: number, view: ViewPlan): number {
  return view.window.pageStart(time);
}

function combine(
  context: PageContext,
  partition: string,
  stored: StoredHead | null,
  tail: readonly TailEntry[],
  list: PageList | null,
  range: ViewRange | null,
): Snapshot {
  const { plan } = context;
  const last = tail.at(-1) ?? stored?.head;
  const upTo = stored?.head.upTo ?? -1;
  let counts = stored?.head.counts ?? noCounts(plan.views.length);
  let partitionKeys = stored?.head.partitionKeys ?? noSample;
  let references = stored?.head.references ?? {};
  let used = stored?.head.used ?? noUsage;
  for (const entry of tail) {
    counts = addCounts(counts, entry.counts);
    partitionKeys = addSamples(partitionKeys, entry.partitionKeys);
    references = laterVersions(references, entry.references);
    used = addUsage(used, entry.used);
  }
  return {
    partition,
    index: upTo + tail.length,
    upTo,
    next: last?.next ?? start,
    watermark: last?.watermark ?? timeMin,
    arrival: last?.arrival ?? 0,
    counts,
    ...{ partitionKeys, references, used },
    end: last?.end ?? null,
    removed: list?.removed ?? timeMin,
    rows: range && list ? merged(viewIndex(plan, range.view), range.view, tail, list) : null,
    tail: range === null ? null : tail,
  };
}

/**
 * The pages and what the tail adds to them. Kept with the list: the next read merges only the entries that are
 * new. A table that was given out is never changed.
 */
function merged(index: number, view: ViewPlan, tail: readonly TailEntry[], list: PageList): Rows {
  const last = tail.at(-1)?.index ?? -1;
  const before = list.merged;
  // An earlier tail is as good as none: the merge would hold entries that this read has not seen.
  if (before !== null && last === before.index) return before.rows;
  const rows = new Rows(view);
  if (before !== null && last > before.index) {
    // All pages were read before the tail of that merge, so none of them holds a later entry.
    rows.merge(before.rows);
    for (const entry of tail) {
      if (entry.index > before.index) mergeInto(rows, entry.views?.[index] as Rows);
    }
  } else {
    for (const part of partsOf(index, view, tail, list.pages)) mergeInto(rows, part);
  }
  list.merged = { index: last, rows };
  return rows;
}

/** Pages as they are, and of each tail entry the rows whose page does not hold them yet. */
function partsOf(
  index: number,
  view: ViewPlan,
  tail: readonly TailEntry[],
  pages: readonly Page[],
): Rows[] {
  const upTo = new Map<number, number>();
  for (const page of pages) {
    const first = page.rows.starts[0];
    if (first !== undefined) upTo.set(floor(first, view), page.upTo);
  }
  const parts = pages.map((page) => page.rows);
  for (const entry of tail) {
    const rows = entry.views?.[index] as Rows;
    const isNew = (row: number): boolean =>
      entry.index > (upTo.get(floor(rows.starts[row] as number, view)) ?? -1);
    const news = [...rows.starts.keys()].filter(isNew);
    if (news.length === rows.size) parts.push(rows);
    else if (news.length > 0) {
      const part = new Rows(view);
      mergeInto(part, rows, news);
      parts.push(part);
    }
  }
  return parts;
}
