import type { Capacity } from '../../cost/capacity.ts';
import type { Estimate } from '../../cost/estimate.ts';
import { type MemorySize, memoryToChoose } from '../../cost/memory.ts';
import { cureText, dollars, number, places } from '../../cost/words.ts';
import { element, figure } from './element.ts';
import { type Column, table } from './table.ts';

const capacityColumns: readonly Column<Capacity>[] = [
  {
    head: 'Limit of',
    cell: ({ what, used, most, unit }) =>
      element(
        'span',
        {},
        what,
        element(
          'small',
          {},
          figure(used, number(used)),
          ' of ',
          figure(most, number(most)),
          ` ${unit}`,
        ),
      ),
  },
  {
    head: 'Used',
    cell: ({ used, most, cure }) => {
      const level = element('span', { class: used > most ? 'full' : '' });
      level.style.width = `${Math.min(100, (100 * used) / most)}%`;
      const meter = element('div', { class: 'level', 'aria-hidden': 'true' }, level);
      const share = used > most ? 'too much' : `${number((100 * used) / most)} %`;
      const help = cure === null ? [] : [element('small', {}, cureText[cure])];
      return element('div', { class: used > most ? 'bad' : '' }, share, ...help, meter);
    },
  },
  {
    head: 'Full at',
    cell: ({ breaksAt }) =>
      breaksAt === null
        ? 'no rate'
        : element('span', {}, figure(breaksAt, number(breaksAt)), element('small', {}, 'events/s')),
    right: true,
  },
];

/** How much of each limit a workload uses, the scarcest first. */
export function capacityTable({ cloud, capacity }: Estimate): HTMLElement {
  return table(places[cloud], capacityColumns, capacity);
}

/** What sizes of memory cost, and which to choose. */
export function memoryTable({ cloud, memory }: Estimate): HTMLElement {
  const best = memoryToChoose(memory);
  const columns: readonly Column<MemorySize>[] = [
    { head: 'MB', cell: ({ memoryMB }) => figure(memoryMB, number(memoryMB)) },
    { head: 'Month', cell: ({ total }) => figure(total, dollars(total)), right: true },
    { head: 'Batch, ms', cell: ({ batchMs }) => figure(batchMs, number(batchMs)), right: true },
    {
      head: '',
      cell: (size) =>
        element(
          'span',
          {},
          ...(size.fits
            ? []
            : [element('span', { class: 'bad' }, 'too small for what was measured')]),
          ...(size === best ? [element('span', { class: 'mark' }, 'to choose')] : []),
          ...(size.isCurrent ? [element('span', { class: 'mark now' }, 'in the template')] : []),
        ),
    },
  ];
  return table(places[cloud], columns, memory);
}
