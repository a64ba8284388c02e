import type { Bill } from '../../cost/bill.ts';
import type { Estimate } from '../../cost/estimate.ts';
import { cheaperText, dollars, places } from '../../cost/words.ts';
import { element, figure } from './element.ts';
import { type Column, table } from './table.ts';

interface Design {
  readonly name: string;
  readonly bill: Bill;
  readonly carries: boolean;
  readonly cheaper: string;
  readonly note: string;
}

const columns: readonly Column<Design>[] = [
  {
    head: 'Design',
    cell: ({ name, note }) => element('span', {}, name, element('small', {}, note)),
  },
  {
    head: 'Month',
    cell: ({ bill, carries }) =>
      carries
        ? figure(bill.total, dollars(bill.total))
        : element(
            'span',
            {},
            figure(bill.total, dollars(bill.total)),
            element('small', { class: 'bad' }, 'can’t carry it'),
          ),
    right: true,
  },
  { head: 'Cheaper than Millrace', cell: ({ cheaper }) => cheaper },
];

/** The same workload with other designs: what each costs, where it wins, and what it lacks. */
export function designsTable({ cloud, bill, rivals, curves }: Estimate): HTMLElement {
  const ours: Design = { name: 'Millrace', bill, carries: true, cheaper: '', note: '' };
  const theirs = rivals.map(({ name, bill: its, note, carries }): Design => {
    const found = curves.breakEvens.find(({ rival }) => rival === name);
    return {
      name,
      bill: its,
      carries,
      note,
      cheaper: found === undefined ? '' : cheaperText(found),
    };
  });
  return table(places[cloud], columns, [ours, ...theirs]);
}
