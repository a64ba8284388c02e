import { element } from './element.ts';

/** A column: what stands at its head, and in each of its rows. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Node | string;
  readonly right?: true;
  /** Left out where there is little room. */
  readonly minor?: true;
}

/** A table whose first column names the rows; `foot` has a cell for each column. */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  foot: readonly (Node | string)[] = [],
): HTMLElement {
  const sideOf = (index: number): Record<string, string> => {
    const { right, minor } = columns[index] ?? {};
    const names = [...(right ? ['right'] : []), ...(minor ? ['minor'] : [])];
    return names.length === 0 ? {} : { class: names.join(' ') };
  };
  const heads = columns.map(({ head }, index) =>
    element('th', { scope: 'col', ...sideOf(index) }, head),
  );
  const line = (cells: readonly (Node | string)[]): HTMLElement =>
    element(
      'tr',
      {},
      ...cells.map((cell, index) =>
        index === 0 ? element('th', { scope: 'row' }, cell) : element('td', sideOf(index), cell),
      ),
    );
  const body = rows.map((row) => line(columns.map(({ cell }) => cell(row))));
  const made = element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...body),
  );
  if (foot.length > 0) made.append(element('tfoot', {}, line(foot)));
  return element('div', { class: 'table' }, made);
}
