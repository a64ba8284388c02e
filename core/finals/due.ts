import type { Scalar } from '../event.ts';
import { decodeEntry } from '../journal/entry-codec.ts';
import { partitionKeyOf } from '../journal/keys.ts';
import { entryPages } from '../journal/load.ts';
import type { ViewPlan } from '../plan.ts';
import type { Snapshot } from '../query/snapshot.ts';
import { compareScalars } from '../scalars.ts';
import type { PageContext } from '../view/page.ts';
import type { Rows } from '../view/rows.ts';
import type { Entries, Place } from './cursor.ts';

/** Negative, 0 or positive as `a` is sent before, with or after `b`. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.end !== b.end) return a.end - b.end;
  if (a.start !== b.start) return a.start - b.start;
  for (const [i, part] of a.key.entries()) {
    const order = compareScalars(part, b.key[i] as Scalar);
    if (order !== 0) return order;
  }
  return 0;
}

/** A row's place. */
export function placeOf(rows: Rows, row: number): Place {
  return { end: rows.end(row), start: rows.starts[row] as number, key: rows.key(row) };
}

/** Rows to send, in order. */
export interface Due {
  readonly row: number;
  readonly place: Place;
}

/** Which rows to send. */
export interface DueRange {
  /** Windows that start in [from, to): a read may hold parts of others. */
  readonly from: number;
  readonly to: number;
  /** Rows that become final in (finalAfter, finalTo]. */
  readonly finalAfter: number;
  readonly finalTo: number;
  /** Not those up to this one. */
  readonly after: Place | null;
}

/** The rows of a range, in the order in which they are sent. */
export function dueRows(rows: Rows, { from, to, finalAfter, finalTo, after }: DueRange): Due[] {
  const { lateness } = rows.view;
  const due: Due[] = [];
  for (let row = 0; row < rows.size; row += 1) {
    const start = rows.starts[row] as number;
    const final = rows.end(row) + lateness;
    if (start < from || start >= to || final <= finalAfter || final > finalTo) continue;
    const place = placeOf(rows, row);
    if (after === null || comparePlaces(place, after) > 0) due.push({ row, place });
  }
  return due.sort((a, b) => comparePlaces(a.place, b.place));
}

/** The last entry of each partition that a read held. */
export function entriesOf(snapshots: readonly Snapshot[]): Entries {
  return Object.fromEntries(snapshots.map(({ partition, index }) => [partition, index]));
}

/** More entries than this are not read again to tell what they have changed. */
const changedEntriesMax = 1_000;

/**
 * Tells whether entries beyond `before` may have changed a row: they have events of its key in one of its panes. All
 * rows may have changed when such entries are gone, or are too many.
 */
export async function changedSince(
  context: PageContext,
  view: ViewPlan,
  snapshots: readonly Snapshot[],
  before: Entries,
): Promise<(rows: Rows, row: number) => boolean> {
  const panes = new Map<string, Set<number>>();
  for (const { partition, index } of snapshots) {
    const from = (before[partition] ?? -1) + 1;
    const count = index - from + 1;
    if (count <= 0) continue;
    if (count > changedEntriesMax) return () => true;
    const pk = partitionKeyOf(context.scope, partition);
    let found = 0;
    for await (const items of entryPages(context, { partition, from, to: index })) {
      for (const { sort, body } of items) {
        const entry = decodeEntry({ partition: pk, sort }, body, context);
        addPanes(panes, entry.views[context.plan.views.indexOf(view)] as Rows);
      }
      found += items.length;
    }
    if (found < count) return () => true;
  }
  return (rows, row) => {
    const start = view.window.paneStart(rows.starts[row] as number);
    const end = rows.end(row);
    for (const pane of panes.get(keyText(rows, row)) ?? []) {
      if (pane >= start && pane < end) return true;
    }
    return false;
  };
}

function addPanes(panes: Map<string, Set<number>>, rows: Rows): void {
  for (let row = 0; row < rows.size; row += 1) {
    const key = keyText(rows, row);
    const starts = panes.get(key) ?? new Set();
    panes.set(key, starts.add(rows.starts[row] as number));
  }
}

/** A row's key as text, the same for equal keys alone. */
export function keyText(rows: Rows, row: number): string {
  return JSON.stringify(rows.key(row));
}
