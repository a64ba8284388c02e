import type { Bill } from '../../cost/bill.ts';
import type { Capacity } from '../../cost/capacity.ts';
import type { Choice } from '../../cost/choices.ts';
import type { Estimate } from '../../cost/estimate.ts';
import { type MemorySize, memoryToChoose } from '../../cost/memory.ts';
import type { Sensitivity } from '../../cost/sensitivity.ts';
import {
  cheaperText,
  confidenceText,
  cureText,
  dollars,
  endText,
  number,
  places,
} from '../../cost/words.ts';
import { type Column, table } from '../table.ts';

/** All tables of an estimate, for people. */
export function estimateText(estimate: Estimate): string {
  const { cloud, bill, workload, perMillionEvents } = estimate;
  const { eventsPerSecond, eventBytes, recordEvents, partitions } = workload;
  const packed = recordEvents === 1 ? 'one to a record' : `${recordEvents} to a record`;
  const head =
    `${places[cloud]}: ${number(eventsPerSecond)} events/s of ${number(eventBytes)} bytes, ` +
    `${packed}, ${partitions} partitions`;
  const million =
    perMillionEvents === null ? '' : `; ${dollars(perMillionEvents)} per million events`;
  return [
    head,
    billText(bill),
    `${dollars(bill.total)} a month, ${dollars(bill.totalAfterFree)} after free tiers${million}`,
    `The same with other designs\n${rivalsText(estimate)}`,
    `Modes, all else as the template has it\n${choicesText(estimate.choices)}`,
    `What changes the bill most: halved, doubled\n${sensitivityText(estimate.sensitivity)}`,
    `Memory of process\n${memoryText(estimate.memory)}`,
    `What it can carry\n${capacityText(estimate.capacity)}`,
  ].join('\n\n');
}

function billText({ lines, total, totalAfterFree }: Bill): string {
  const cells = (of: (line: Bill['lines'][number]) => string, last = ''): string[] => [
    ...lines.map(of),
    last,
  ];
  const columns: Column[] = [
    { head: 'what', cells: cells(({ meter }) => meter.name, 'sum') },
    { head: 'price of', cells: cells(({ price }) => price.name) },
    { head: 'units', cells: cells(({ meter }) => number(meter.units)), right: true },
    { head: 'unit price', cells: cells(({ price }) => String(price.price)), right: true },
    { head: 'month', cells: cells(({ cost }) => dollars(cost), dollars(total)), right: true },
    {
      head: 'after free',
      cells: cells(({ costAfterFree }) => dollars(costAfterFree), dollars(totalAfterFree)),
      right: true,
    },
    { head: 'basis', cells: cells(({ meter }) => meter.basis) },
    { head: 'confidence', cells: cells(({ price }) => confidenceText(price.confidence)) },
  ];
  return table(columns, '  ');
}

function rivalsText({ rivals, bill, curves }: Estimate): string {
  const where = (name: string): string => {
    const found = curves.breakEvens.find(({ rival }) => rival === name);
    return found === undefined ? '' : cheaperText(found);
  };
  const columns: Column[] = [
    { head: 'design', cells: ['Millrace', ...rivals.map(({ name }) => name)] },
    {
      head: 'month',
      cells: [bill, ...rivals.map((rival) => rival.bill)].map(({ total }) => dollars(total)),
      right: true,
    },
    { head: 'cheaper than Millrace', cells: ['', ...rivals.map(({ name }) => where(name))] },
    { head: 'but', cells: [endText(curves.end), ...rivals.map(({ note }) => note)] },
  ];
  return table(columns, '  ');
}

function choicesText(choices: readonly Choice[]): string {
  const all = choices.flatMap((choice) => choice.options.map((option) => ({ choice, option })));
  const verdict = ({ choice, option }: (typeof all)[number]): string => {
    if (option.impossible !== null) return `not possible: ${option.impossible}`;
    const is = [
      ...(option.name === choice.cheapest ? ['cheapest'] : []),
      ...(option.name === choice.current ? ['in the template'] : []),
    ];
    return is.join(', ');
  };
  const columns: Column[] = [
    { head: 'part', cells: all.map(({ choice }) => choice.what) },
    { head: 'mode', cells: all.map(({ option }) => option.name) },
    { head: 'month', cells: all.map(({ option }) => dollars(option.total)), right: true },
    { head: '', cells: all.map(verdict) },
    { head: 'why', cells: all.map(({ option }) => option.why) },
  ];
  return table(columns, '  ');
}

function sensitivityText(all: readonly Sensitivity[]): string {
  const columns: Column[] = [
    { head: 'field', cells: all.map(({ field }) => field) },
    { head: 'value', cells: all.map(({ value }) => number(value)), right: true },
    { head: 'half', cells: all.map(({ half }) => dollars(half.total)), right: true },
    { head: 'double', cells: all.map(({ double }) => dollars(double.total)), right: true },
  ];
  return table(columns, '  ');
}

function memoryText(sizes: readonly MemorySize[]): string {
  const best = memoryToChoose(sizes);
  const verdict = (size: MemorySize): string =>
    [
      ...(size.fits ? [] : ['too small for what was measured']),
      ...(size === best ? ['to choose'] : []),
      ...(size.isCurrent ? ['in the template'] : []),
    ].join(', ');
  const columns: Column[] = [
    { head: 'MB', cells: sizes.map(({ memoryMB }) => number(memoryMB)), right: true },
    { head: 'month', cells: sizes.map(({ total }) => dollars(total)), right: true },
    { head: 'batch, ms', cells: sizes.map(({ batchMs }) => number(batchMs)), right: true },
    { head: '', cells: sizes.map(verdict) },
  ];
  return table(columns, '  ');
}

function capacityText(all: readonly Capacity[]): string {
  const columns: Column[] = [
    { head: 'limit of', cells: all.map(({ what }) => what) },
    { head: 'used', cells: all.map(({ used }) => number(used)), right: true },
    { head: 'most', cells: all.map(({ most, unit }) => `${number(most)} ${unit}`), right: true },
    {
      head: 'full at',
      cells: all.map(({ breaksAt }) => (breaksAt === null ? '-' : `${number(breaksAt)} events/s`)),
      right: true,
    },
    { head: '', cells: all.map(({ used, most }) => (used > most ? 'TOO MUCH' : '')) },
    { head: '', cells: all.map(({ cure }) => (cure === null ? '' : cureText[cure])) },
  ];
  return table(columns, '  ');
}
