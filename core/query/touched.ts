import type { KeyPart } from '../event.ts';
import type { Rows } from '../view/rows.ts';
import { SessionPlan } from '../window/session.ts';
import type { Selection } from './select.ts';
import { chainsOfRows } from './sessions.ts';

/** All rows of a key that start in [start, end), epoch milliseconds: others may stand in their place. */
export interface Stretch {
  readonly key: readonly KeyPart[];
  readonly start: number;
  readonly end: number;
}

/** What some news may have changed. */
export interface Touched {
  /** Rows of windows. */
  readonly rows: ReadonlySet<number>;
  /** Where sessions were joined, lengthened or cut: those of before are gone. */
  readonly gone: readonly Stretch[];
}

/**
 * The windows that panes are part of.
 *
 * @param news panes that something was added to, with keys as `panes` has them.
 * @param panes all panes, those of the news too; `windows` is what was put together from them.
 */
export function touchedBy(
  news: readonly Rows[],
  panes: Rows,
  windows: Rows,
  { from, to }: Pick<Selection, 'from' | 'to'>,
): Touched {
  const { window } = panes.view;
  const touched = new Set<number>();
  if (window instanceof SessionPlan) return touchedSessions(news, panes, windows, window, from, to);
  for (const part of news) {
    for (let row = 0; row < part.size; row += 1) {
      const pane = part.starts[row] as number;
      const key = part.key(row);
      const last = Math.min(pane, to - 1);
      const before = Math.max(0, Math.ceil((from - (pane - window.after)) / window.unit));
      const first = pane - window.after + before * window.unit;
      for (let start = first; start <= last; start += window.unit) {
        touched.add(windows.find(start, key));
        if (window.after === 0) break;
      }
    }
  }
  return { rows: touched, gone: [] };
}

/** A change to a fragment may join, lengthen or cut the chain that it is in: all of the chain is new. */
function touchedSessions(
  news: readonly Rows[],
  panes: Rows,
  windows: Rows,
  { gap }: SessionPlan,
  from: number,
  to: number,
): Touched {
  const chains = chainsOfRows(panes, gap);
  const changed = new Set<object>();
  for (const part of news) {
    for (let row = 0; row < part.size; row += 1) {
      const pane = panes.find(part.starts[row] as number, part.key(row));
      if (pane >= 0) changed.add(chains[pane] as object);
    }
  }
  const rows = new Set<number>();
  const gone = new Map<object, Stretch>();
  for (const [pane, chain] of chains.entries()) {
    if (!changed.has(chain)) continue;
    const key = panes.key(pane);
    const row = windows.find((panes.starts[pane] as number) + (panes.spans?.first(pane) ?? 0), key);
    if (row >= 0) rows.add(row);
    if (chain.first >= to || chain.last < from) continue;
    gone.set(chain, { key, start: chain.first, end: chain.last + 1 });
  }
  return { rows, gone: [...gone.values()] };
}
