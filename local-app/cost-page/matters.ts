import type { Estimate } from '../../cost/estimate.ts';
import type { Sensitivity } from '../../cost/sensitivity.ts';
import { dollars, number, places } from '../../cost/words.ts';
import { element, figure } from './element.ts';
import { groups } from './fields.ts';
import { type Column, table } from './table.ts';

const labels = new Map<string, string>(
  groups.flatMap(({ fields }) => fields.map(({ name, label }) => [name, label])),
);

/** What halving and doubling each field makes of the bill, the most first, as bars around what it is now. */
export function mattersTable({ cloud, sensitivity, bill }: Estimate): HTMLElement {
  const most = Math.max(
    0.01,
    ...sensitivity.flatMap(({ half, double }) => [
      Math.abs(half.total - bill.total),
      Math.abs(double.total - bill.total),
    ]),
  );
  const columns: readonly Column<Sensitivity>[] = [
    {
      head: 'Field',
      cell: ({ field, value }) =>
        element(
          'span',
          {},
          labels.get(field) ?? field,
          element('small', {}, figure(value, number(value))),
        ),
    },
    { head: 'Half', cell: ({ half }) => figure(half.total, dollars(half.total)), right: true },
    {
      head: 'Double',
      cell: ({ double }) => figure(double.total, dollars(double.total)),
      right: true,
    },
    {
      head: 'Less, more',
      cell: ({ half, double }) =>
        element(
          'div',
          { class: 'swing', 'aria-hidden': 'true' },
          arm('half', half.total - bill.total, most),
          arm('double', double.total - bill.total, most),
        ),
    },
  ];
  return table(places[cloud], columns, sensitivity);
}

/** To the left where it costs less, to the right where it costs more. */
function arm(name: string, change: number, most: number): HTMLElement {
  const made = element('span', { class: `${name} ${change < 0 ? 'less' : 'more'}` });
  const width = (50 * Math.abs(change)) / most;
  made.style.width = `${width}%`;
  made.style.left = `${change < 0 ? 50 - width : 50}%`;
  return made;
}
