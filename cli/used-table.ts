import { number } from '../cost/words.ts';
import { type Column, table } from './table.ts';

/** What a pipeline has used, as the status has it. */
export interface UsedJson {
  readonly batches: number;
  readonly busySeconds: number;
  readonly records: number;
  readonly recordBytes: number;
  readonly reads: number;
  readonly writes: number;
  readonly bills: readonly {
    readonly cloud: string;
    readonly lines: readonly {
      readonly name: string;
      readonly units: number;
      readonly unit: string;
      readonly dollars: number;
    }[];
    readonly dollars: number;
    readonly dollarsPerMillionEvents: number | null;
    readonly leftOut: readonly string[];
  }[];
}

const cloudNames: Readonly<Record<string, string>> = { aws: 'AWS', azure: 'Azure' };

/** What was used so far and what it comes to on each cloud, indented. */
export function usedTable(used: UsedJson): string {
  const { batches, busySeconds, records, reads, writes, bills } = used;
  const calls =
    `  used so far: ${many(batches, 'batch', 'es')} in ${number(busySeconds)} s, ` +
    `${many(records, 'record')}, ${many(reads, 'read')} and ${many(writes, 'write')} of the store`;
  return [calls, ...bills.map(billTable)].join('\n');
}

function billTable(bill: UsedJson['bills'][number]): string {
  const { cloud, lines, dollars, dollarsPerMillionEvents, leftOut } = bill;
  const column = (head: string, cells: readonly string[]): Column => ({ head, cells, right: true });
  const shown = table(
    [
      {
        head: cloudNames[cloud] ?? cloud,
        cells: [...lines.map(({ name }) => name), 'all', 'by million events'],
      },
      column(
        'units',
        lines.map(({ units, unit }) => many(units, unit)),
      ),
      column(
        'dollars',
        [...lines.map((line) => line.dollars), dollars, dollarsPerMillionEvents].map(money),
      ),
    ],
    '    ',
  );
  return `${shown}\n    not in it: ${leftOut.join('; ')}`;
}

function many(count: number, unit: string, ending = 's'): string {
  return `${number(count)} ${unit}${count === 1 ? '' : ending}`;
}

/** With as many digits as tell something. */
function money(dollars: number | null): string {
  if (dollars === null) return '';
  return dollars < 1 ? dollars.toFixed(6) : dollars.toFixed(2);
}
