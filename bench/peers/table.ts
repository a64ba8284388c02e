import { type Design, designs } from './designs.ts';
import type { Summary } from './summary.ts';

/** A column: its title, and what it shows of a row. */
type Column = readonly [title: string, shown: (summary: Summary) => string];

const titleColumn: Column = ['design', ({ design }) => designOf(design).title];
const rateColumns: readonly Column[] = [
  ['events/s per core', ({ eventsPerSecondPerCore }) => shown(eventsPerSecondPerCore)],
  ['against Millrace', ({ ratio }) => `${shown(ratio)} x`],
  ['CPU, µs an event', ({ cpuUs }) => shown(cpuUs)],
];
const peakColumn: Column = ['peak memory, MB', ({ peakMB }) => shown(peakMB)];
const memoryColumns: readonly Column[] = [
  ...[titleColumn, ...rateColumns, peakColumn],
  ['heap kept, MB', ({ heapMB }) => shown(heapMB)],
];
const dynaliteColumns: readonly Column[] = [
  ...[titleColumn, ...rateColumns],
  ['calls', ({ callsPerThousand }) => shown(callsPerThousand)],
  ['write units', ({ writeUnitsPerThousand }) => shown(writeUnitsPerThousand)],
  ['stored, bytes an event', ({ storedBytesPerEvent }) => shown(storedBytesPerEvent)],
  ['records again', ({ againPerThousand }) => shown(againPerThousand)],
  ['events/s by the clock', ({ wallEventsPerSecond }) => shown(wallEventsPerSecond)],
  peakColumn,
  ['events', ({ events }) => shown(events)],
];

/** The tables of the results, in Markdown; those without a row are left out. */
export function tablesOf(summaries: readonly Summary[]): string {
  const of = (store: string, packed: boolean): Summary[] =>
    summaries.filter((one) => one.store === store && one.pack > 1 === packed);
  const parts = [
    part('Store in memory, an event to a record', memoryColumns, of('memory', false)),
    part('Store in memory, 100 events to a record', memoryColumns, of('memory', true)),
    part(
      'Store on dynalite; calls, write units and records that came again for 1,000 events',
      dynaliteColumns,
      of('dynalite', false),
    ),
  ];
  return parts.filter((text) => text !== '').join('\n\n');
}

/** What each design gives, and does not. */
export function giftsTable(names: readonly string[]): string {
  const rows = designs
    .filter(({ name }) => names.includes(name))
    .map(({ title, gives, lacks }) => [title, gives, lacks]);
  return tableOf(['design', 'gives', 'does not give'], rows);
}

function part(title: string, columns: readonly Column[], rows: readonly Summary[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => columns.map(([, show]) => show(row)));
  return `${title}:\n\n${tableOf(
    columns.map(([name]) => name),
    cells,
  )}`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function designOf(name: string): Design {
  return designs.find((one) => one.name === name)!;
}

function shown(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
