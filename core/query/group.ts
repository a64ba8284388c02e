import type { KeyPart } from '../event.ts';
import type { ViewPlan } from '../plan.ts';
import { Rows } from '../view/rows.ts';
import type { Spans } from '../view/spans.ts';

/**
 * Rows by some parts of their key: those of one start whose parts are equal are merged, as exactly as the measures
 * merge. Of panes it gives panes, so hopping windows and sessions are put together from what comes out: a session of
 * a group is a chain of events of all of its keys.
 *
 * @param parts names of key parts; none of them gives one row per start.
 * @param only which rows; all of them if left out.
 */
export function groupBy(
  rows: Rows,
  parts: readonly string[],
  only: (row: number) => boolean = () => true,
): Rows {
  const indexes = rows.view.key.flatMap((part, i) => (parts.includes(part) ? [i] : []));
  const groups = new Rows(groupedView(rows.view, indexes));
  const ends: number[] | null = rows.ends === null ? null : [];
  const key: KeyPart[] = [];
  for (let row = 0; row < rows.size; row += 1) {
    if (!only(row)) continue;
    for (const [i, index] of indexes.entries()) key[i] = rows.keys[index]?.[row] as KeyPart;
    const group = groups.row(rows.starts[row] as number, key);
    groups.mergeCells(group, rows, row);
    groups.spans?.merge(group, rows.spans as Spans, row);
    if (ends !== null) ends[group] = Math.max(ends[group] ?? 0, rows.end(row));
  }
  groups.ends = ends;
  return groups;
}

function groupedView(view: ViewPlan, indexes: readonly number[]): ViewPlan {
  return {
    ...view,
    key: indexes.map((index) => view.key[index] as string),
    keyGets: indexes.map((index) => view.keyGets[index] as ViewPlan['keyGets'][number]),
  };
}

/** Groups, kept as long as the rows that they came from: most polls ask for what was asked before. */
export class GroupCache {
  private readonly held = new WeakMap<Rows, { readonly of: string; readonly groups: Rows }>();

  /** The groups that were made of these rows under this name, or those that `make` gives. */
  groupsOf(rows: Rows, of: string, make: () => Rows): Rows {
    const held = this.held.get(rows);
    if (held?.of === of) return held.groups;
    const groups = make();
    this.held.set(rows, { of, groups });
    return groups;
  }
}
