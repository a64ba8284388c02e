import type { ViewPlan } from '../plan.ts';
import { Rows } from '../view/rows.ts';
import type { Snapshot } from './snapshot.ts';
import { tooWide } from './too-wide.ts';

/** Tables of all partitions and their merge. */
interface Merge {
  readonly view: ViewPlan;
  readonly parts: readonly Rows[];
  readonly rows: Rows;
}

/** Rows of a merge that is kept. */
const mergedRowsMax = 250_000;
const mergesMax = 4;

/** Merges of the tables of all partitions, the last few kept: most polls find nothing new. */
export class Merges {
  private held: readonly Merge[] = [];

  /**
   * The rows of all partitions together.
   *
   * @throws MillraceError `request` for more than `rowsMax` rows.
   */
  of(view: ViewPlan, snapshots: readonly Snapshot[], rowsMax: number): Rows {
    const parts = snapshots.flatMap(({ rows }) => rows ?? []);
    const size = parts.reduce((sum, rows) => sum + rows.size, 0);
    if (size > rowsMax) throw tooWide(`${size} rows, over ${rowsMax}`);
    if (parts.length === 1) return parts[0] as Rows;
    const same = (one: Merge): boolean =>
      one.parts.length === parts.length && one.parts.every((rows, i) => rows === parts[i]);
    const kept = this.held.find((one) => one.view === view && same(one));
    if (kept) return kept.rows;
    const all = new Rows(view);
    for (const rows of parts) all.merge(rows);
    if (all.weight <= mergedRowsMax) {
      this.held = [{ view, parts, rows: all }, ...this.held.slice(0, mergesMax - 1)];
    }
    return all;
  }
}
