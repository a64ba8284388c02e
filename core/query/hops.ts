import { Rows } from '../view/rows.ts';
import { tooWide } from './too-wide.ts';

/** The hopping windows that start in [from, to): each the merge of the panes that it covers. */
export function hops(panes: Rows, from: number, to: number, rowsMax: number): Rows {
  const { window } = panes.view;
  const slide = window.unit;
  const windows = new Rows(panes.view);
  let merged = 0;
  for (let row = 0; row < panes.size; row += 1) {
    const pane = panes.starts[row] as number;
    // A pane is the last one of the first window that it is in, and the first one of the last.
    const first = Math.max(pane - window.after, startFrom(from, window));
    const last = Math.min(pane, to - 1);
    for (let start = first; start <= last; start += slide) {
      merged += 1;
      if (merged > rowsMax) throw tooWide(`over ${rowsMax} rows in windows that overlap`);
      windows.mergeCells(windows.rowLike(start, panes, row), panes, row);
    }
  }
  windows.ends = windows.starts.map((start) => start + window.windowMax);
  return windows;
}

/** The first window that starts at or after an instant. */
function startFrom(from: number, { unit, origin }: Rows['view']['window']): number {
  return Math.ceil((from - origin) / unit) * unit + origin;
}
