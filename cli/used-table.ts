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
    `  used so far: ${whole(batches)} batches in ${whole(busySeconds)} s, ` +
    `${whole(records)} records, ${whole(reads)} reads and ${whole(writes)} writes of the store`;
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
        lines.map(({ units, unit }) => `${whole(units)} ${unit}${units === 1 ? '' : 's'}`),
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

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** With as many digits as tell something. */
function money(dollars: number | null): string {
  if (dollars === null) return '';
  return dollars < 1 ? dollars.toFixed(6) : dollars.toFixed(2);
}
