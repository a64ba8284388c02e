import type { Choice, Option } from '../../cost/choices.ts';
import type { Estimate } from '../../cost/estimate.ts';
import { dollars, places } from '../../cost/words.ts';
import { element, figure } from './element.ts';
import { type Column, table } from './table.ts';

interface Mode {
  readonly choice: Choice;
  readonly option: Option;
}

const columns: readonly Column<Mode>[] = [
  {
    head: 'Mode',
    cell: ({ choice, option }) =>
      element('span', {}, `${choice.what}, ${option.name}`, element('small', {}, option.why)),
  },
  {
    head: 'Month',
    cell: ({ option }) => figure(option.total, dollars(option.total)),
    right: true,
  },
  { head: '', cell: verdict },
];

function verdict({ choice, option }: Mode): HTMLElement {
  if (option.impossible !== null) {
    return element('span', { class: 'bad' }, `not possible: ${option.impossible}`);
  }
  const marks = [
    ...(option.name === choice.cheapest ? [element('span', { class: 'mark' }, 'cheapest')] : []),
    ...(option.name === choice.current
      ? [element('span', { class: 'mark now' }, 'in the template')]
      : []),
  ];
  return element('span', {}, ...marks);
}

/** The modes of each part, what the whole costs with them, and why. */
export function modesTable({ cloud, choices }: Estimate): HTMLElement {
  const all = choices.flatMap((choice) => choice.options.map((option) => ({ choice, option })));
  return table(places[cloud], columns, all);
}
