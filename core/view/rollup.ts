import type { Rows } from './rows.ts';

/**
 * Adds rows of a view, or those of them that `only` names, to a table of one of its grains: a row of a finer window
 * goes into the coarser one that holds it.
 */
export function mergeInto(table: Rows, from: Rows, only?: Iterable<number>): void {
  const { window } = table.view;
  if (window.grain === from.view.window.grain) {
    table.merge(from, only);
    return;
  }
  for (const row of only ?? from.starts.keys()) {
    const start = window.paneStart(from.starts[row] as number);
    table.mergeCells(table.rowLike(start, from, row), from, row);
  }
}
