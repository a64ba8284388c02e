import type { BillLine } from '../../cost/bill.ts';
import type { Estimate } from '../../cost/estimate.ts';
import { confidenceText, dollars, number, places } from '../../cost/words.ts';
import { element, figure } from './element.ts';
import { type Column, table } from './table.ts';

const columns: readonly Column<BillLine>[] = [
  { head: 'Meter', cell: ({ meter }) => meter.name },
  { head: 'Price of', cell: ({ price }) => price.name, minor: true },
  { head: 'Units', cell: ({ meter }) => figure(meter.units, number(meter.units)), right: true },
  {
    head: 'Unit price',
    cell: ({ price }) => figure(price.price, String(price.price)),
    ...{ right: true, minor: true },
  },
  { head: 'Month', cell: ({ cost }) => figure(cost, dollars(cost)), right: true },
  {
    head: 'After free',
    cell: ({ costAfterFree }) => figure(costAfterFree, dollars(costAfterFree)),
    right: true,
  },
  {
    head: 'Basis',
    cell: ({ meter }) => element('span', { class: meter.basis }, meter.basis),
  },
  {
    head: 'Price',
    cell: ({ price }) =>
      element(
        'span',
        { title: `${price.source}; ${price.date}` },
        confidenceText(price.confidence),
      ),
    minor: true,
  },
];

/** Every meter of a bill: units, price, dollars, where they come from and how sure the price is. */
export function billTable({ cloud, bill }: Estimate): HTMLElement {
  const { lines, total, totalAfterFree } = bill;
  const foot = [
    'Sum',
    ...['', '', ''],
    figure(total, dollars(total)),
    figure(totalAfterFree, dollars(totalAfterFree)),
    ...['', ''],
  ];
  return table(places[cloud], columns, lines, foot);
}
