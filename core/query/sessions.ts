import { Rows } from '../view/rows.ts';
import type { Spans } from '../view/spans.ts';
import { globalPlan } from '../window/global.ts';
import type { SessionPlan } from '../window/session.ts';

/** Fragments of one key, each closer than the gap to the next. */
interface Chain {
  readonly first: number;
  last: number;
  /** The session that the last fragment went to: its number between two cuts, and its row (-1: it is not asked for). */
  piece: number;
  row: number;
}

/**
 * The sessions that start in [from, to), put together from fragments of a pane each. A chain of fragments is one
 * session or, where its window would be longer than the longest session, it is cut at every multiple of that. All of
 * it is a rule over the set of events: neither their order nor where their fragments lie matters.
 */
export function sessions(panes: Rows, plan: SessionPlan, from: number, to: number): Rows {
  const { gap, longest } = plan;
  const order = byStart(panes);
  const chains = chainsOf(panes, order, gap);
  const windows = new Rows(panes.view);
  const ends: number[] = [];
  for (const row of order) {
    const chain = chains[row] as Chain;
    const first = firstOf(panes, row);
    const isCut = chain.last + gap - chain.first > longest;
    const piece = isCut ? Math.floor(first / longest) : 0;
    if (piece !== chain.piece) {
      chain.piece = piece;
      chain.row = first >= from && first < to ? windows.rowLike(first, panes, row) : -1;
    }
    if (chain.row < 0) continue;
    windows.mergeCells(chain.row, panes, row);
    const end = lastOf(panes, row) + gap;
    ends[chain.row] = isCut ? Math.min(end, (piece + 1) * longest) : end;
  }
  windows.ends = ends;
  return windows;
}

/** The chain of each row. */
export function chainsOfRows(panes: Rows, gap: number): Pick<Chain, 'first' | 'last'>[] {
  return chainsOf(panes, byStart(panes), gap);
}

function byStart({ starts }: Rows): Uint32Array {
  return Uint32Array.from(starts.keys()).sort(
    (a, b) => (starts[a] as number) - (starts[b] as number),
  );
}

/** The chain of each row; `order` is by start. */
function chainsOf(panes: Rows, order: Uint32Array, gap: number): Chain[] {
  // A table without measures and windows numbers the keys.
  const keys = new Rows({ ...panes.view, measures: [], window: globalPlan });
  const latest: Chain[] = [];
  const chains: Chain[] = [];
  for (const row of order) {
    const key = keys.rowLike(0, panes, row);
    const first = firstOf(panes, row);
    let chain = latest[key];
    if (chain === undefined || first - chain.last >= gap) {
      chain = { first, last: first, piece: Number.NaN, row: -1 };
      latest[key] = chain;
    }
    chain.last = lastOf(panes, row);
    chains[row] = chain;
  }
  return chains;
}

function firstOf({ starts, spans }: Rows, row: number): number {
  return (starts[row] as number) + (spans as Spans).first(row);
}

function lastOf({ starts, spans }: Rows, row: number): number {
  return (starts[row] as number) + (spans as Spans).last(row);
}
