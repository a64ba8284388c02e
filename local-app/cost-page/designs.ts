import type { Bill } from '../../cost/bill.ts';
import type { Estimate } from '../../cost/estimate.ts';
import { cheaperText, dollars, endText, number } from '../../cost/words.ts';
import { element, figure } from './element.ts';
import { type Column, table } from './table.ts';

interface Design {
  /** Of its color. */
  readonly index: number;
  readonly name: string;
  readonly bill: Bill;
  readonly carries: boolean;
  readonly cheaper: string;
  readonly note: string;
}

const columns: readonly Column<Design>[] = [
  {
    head: 'Design',
    cell: ({ index, name, note }) =>
      element('span', {}, swatch(index), name, element('small', {}, note)),
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
  { head: 'Cheaper', cell: ({ cheaper }) => cheaper },
];

/** The same workload with other designs: what each costs, where it wins, and what it lacks. */
export function designsTable({ workload, bill, rivals, curves, capacity }: Estimate): HTMLElement {
  const ours: Design = {
    ...{ index: 0, name: 'Millrace', bill, cheaper: '', note: endText(curves.end) },
    carries: capacity.every(({ used, most }) => used <= most),
  };
  const theirs = rivals.map(({ name, bill: its, note, carries }, i): Design => {
    const found = curves.breakEvens.find(({ rival }) => rival === name);
    return {
      index: i + 1,
      name,
      bill: its,
      carries,
      note,
      cheaper: found === undefined ? '' : cheaperText(found),
    };
  });
  const caption = `With ${number(workload.eventsPerSecond)} events/s`;
  return table(caption, columns, [ours, ...theirs]);
}

/** The color of a design, as its curve has it. */
export function swatch(index: number): HTMLElement {
  return element('i', { class: `swatch line-${index}`, 'aria-hidden': 'true' });
}
