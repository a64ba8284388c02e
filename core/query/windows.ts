import type { Rows } from '../view/rows.ts';
import { SessionPlan } from '../window/session.ts';
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

/** Windows put together from panes, kept as long as the panes: most polls ask for what was asked before. */
export class WindowCache {
  private readonly held = new WeakMap<Rows, { from: number; to: number; windows: Rows }>();

  /** As {@link windowsOf}; the same table for the same panes and range. */
  windowsOf(panes: Rows, from: number, to: number, rowsMax: number): Rows {
    const held = this.held.get(panes);
    if (held !== undefined && held.from === from && held.to === to) return held.windows;
    const windows = windowsOf(panes, from, to, rowsMax);
    this.held.set(panes, { from, to, windows });
    return windows;
  }
}
