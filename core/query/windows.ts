import type { Rows } from '../view/rows.ts';
import { SessionPlan } from '../window/session.ts';
import { type Grain, type Range, regroup } from './grain.ts';
import { hops } from './hops.ts';
import { sessions } from './sessions.ts';

/**
 * The windows of a view that start in [from, to), put together from its panes. The panes of all partitions are in one
 * table, those from `from` - `before` to `to` + `after` at least. Where windows are panes it is the same table.
 *
 * @param rowsMax the most rows to read: a row counts once for each window that it is in.
 * @throws MillraceError `request` for more rows than that.
 */
export function windowsOf(panes: Rows, from: number, to: number, rowsMax: number): Rows {
  const { window } = panes.view;
  if (window instanceof SessionPlan) return sessions(panes, window, from, to);
  if (window.after === 0) return panes;
  return hops(panes, from, to, rowsMax);
}

/** What a table of windows was made for. */
interface Held extends Range {
  readonly grain: Grain['windows'];
  readonly windows: Rows;
}

/** Windows put together from panes, kept as long as the panes: most polls ask for what was asked before. */
export class WindowCache {
  private readonly held = new WeakMap<Rows, Held>();

  /** As {@link windowsOf}, of any grain; the same table for the same panes, grain and range. */
  windowsOf(panes: Rows, grain: Grain, { from, to }: Range, rowsMax: number): Rows {
    const held = this.held.get(panes);
    if (held?.from === from && held.to === to && held.grain === grain.windows) return held.windows;
    const windows =
      grain.windows === 'stored'
        ? windowsOf(panes, from, to, rowsMax)
        : regroup(panes, grain, { from, to });
    this.held.set(panes, { from, to, grain: grain.windows, windows });
    return windows;
  }
}
