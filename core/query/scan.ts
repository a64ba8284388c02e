import { MillraceError } from '../errors.ts';
import { timeMax, timeMin } from '../event.ts';
import { type Head, readHead } from '../journal/head.ts';
import { entrySort, entrySortEnd, pageRange, partitionKeyOf } from '../journal/keys.ts';
import { readPartitions } from '../journal/partitions.ts';
import { storedGrains, type ViewPlan } from '../plan.ts';
import { decodePage, type PageContext } from '../view/page.ts';
import { Rows } from '../view/rows.ts';
import { keptOf, levelOf } from './retention.ts';
import { allRows, select } from './select.ts';
import { windowsOf } from './windows.ts';

/** Rows of windows that start in one piece of event time, merged over all partitions. */
export interface Scanned {
  readonly rows: Rows;
  /** Row numbers by start and key. */
  readonly selected: readonly number[];
  readonly finalTo: number;
}

/** Panes of one page: the one that a partition's scan has reached, or of all partitions together. */
interface Place {
  readonly bucket: number;
  readonly rows: Rows;
}

const rangeItems = 64;

/**
 * All rows of a view by start and key, one piece of event time after the other, so that any number of them takes the
 * memory of one piece: a page or, where windows are more than a pane, a few of the longest windows. Only for a
 * journal at rest whose entries are all compacted.
 *
 * @throws MillraceError `request` when an entry is not in the pages.
 */
export async function* scan(context: PageContext, view: ViewPlan): AsyncGenerator<Scanned> {
  const partitions = await readPartitions(context);
  const finalTo = partitions?.finalTo ?? timeMin;
  const grain = storedGrains(context.plan).indexOf(view);
  const active: number[] = [];
  let removed = timeMin;
  const walks: AsyncGenerator<Place>[] = [];
  for (const partition of partitions?.everSeen ?? []) {
    const head = await wholeHead(context, partition);
    removed = Math.max(removed, head?.removed[grain] ?? timeMin);
    if (!head?.end || partitions?.active.includes(partition)) {
      active.push(head?.watermark ?? timeMin);
    }
    walks.push(pages(context, partition, view));
  }
  const level = levelOf(finalTo, Math.min(timeMax, ...active));
  const all = { ...allRows, grain: { stored: view, windows: 'stored' as const } };
  const { range } = keptOf(all, view, level, removed);
  for await (const rows of windowed(buckets(view, walks), view)) {
    const { rows: selected } = select(rows, { ...allRows, ...range }, level);
    yield { rows, selected, finalTo };
  }
}

/** The pages of all partitions, merged by bucket. */
async function* buckets(
  view: ViewPlan,
  walks: readonly AsyncGenerator<Place>[],
): AsyncGenerator<Place> {
  let places = await Promise.all(walks.map((walk) => walk.next()));
  for (;;) {
    const open = places.flatMap(({ done, value }) => (done ? [] : [value.bucket as number]));
    if (open.length === 0) return;
    const bucket = Math.min(...open);
    const here = (place: (typeof places)[number]) => !place.done && place.value.bucket === bucket;
    yield {
      bucket,
      rows: merged(
        view,
        places.filter(here).map(({ value }) => value.rows),
      ),
    };
    places = await Promise.all(
      places.map((place, i) => (here(place) ? (walks[i] as AsyncGenerator<Place>).next() : place)),
    );
  }
}

/** Whole windows by start, each once all of its panes are there; no more panes are held than they take. */
async function* windowed(pages: AsyncGenerator<Place>, view: ViewPlan): AsyncGenerator<Rows> {
  const { window } = view;
  const around = window.before + window.after;
  let held: Place[] = [];
  let from = Number.NaN;
  const windows = (to: number): Rows => {
    const panes = merged(
      view,
      held.map(({ rows }) => rows),
    );
    return windowsOf(panes, from, to, Number.POSITIVE_INFINITY);
  };
  for await (const page of pages) {
    if (around === 0) {
      yield page.rows;
      continue;
    }
    if (Number.isNaN(from)) from = page.bucket - window.after;
    // All panes before this page are there. To go on in larger steps is to merge each pane fewer times.
    const to = page.bucket - window.after;
    if (to - from >= around) {
      yield windows(to);
      from = to;
      held = held.filter(({ bucket }) => window.pageEnd(bucket) > from - window.before);
    }
    held.push(page);
  }
  if (held.length > 0) yield windows(timeMax);
}

/** The head of a partition, and proof that its pages hold all of its entries. */
async function wholeHead(context: PageContext, partition: string): Promise<Head | null> {
  const stored = await readHead(context, partition);
  const next = entrySort((stored?.head.upTo ?? -1) + 1);
  const pk = partitionKeyOf(context.scope, partition);
  const [entry] = await context.store.range(pk, next, entrySortEnd, 1);
  if (entry === undefined) return stored?.head ?? null;
  const text = `partition ${partition} has entries that are not compacted: it can't be scanned`;
  throw new MillraceError('request', text, { problems: [text] });
}

async function* pages(
  context: PageContext,
  partition: string,
  view: ViewPlan,
): AsyncGenerator<Place> {
  const pk = partitionKeyOf(context.scope, partition);
  const [first, end] = pageRange(view.name, view.window.grain);
  for (let at = first; ; ) {
    const items = await context.store.range(pk, at, end, rangeItems);
    for (const item of items) {
      const page = await decodePage(context, { partition: pk, sort: item.sort }, item, view);
      const start = page?.rows.starts[0];
      if (!page || start === undefined) continue;
      yield { bucket: view.window.pageStart(start), rows: page.rows };
    }
    const last = items.at(-1);
    if (last === undefined || items.length < rangeItems) return;
    at = `${last.sort}~`;
  }
}

function merged(view: ViewPlan, parts: readonly Rows[]): Rows {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const all = new Rows(view);
  for (const rows of parts) all.merge(rows);
  return all;
}
