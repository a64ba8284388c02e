import { entryLifeSeconds } from '../../core/entry-life.ts';
import { itemBytes, requestUnits } from '../cosmos-units.ts';
import type { Load } from '../load.ts';
import { type Basis, gigabyte, hoursPerMonth, type Meter } from '../meter.ts';
import { mean, peak, perMonth } from '../month.ts';
import { callsOfCompaction, type Operation, operationsOf, type Use } from '../operations.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { roundMs } from './functions.ts';
import {
  type AzureModes,
  assumed,
  retentionHours as defaultHours,
  physicalGB,
  physicalUnits,
} from './settings.ts';

const uses: readonly (readonly [Use, Basis])[] = [
  ['commits', 'measured'],
  ['compaction', 'computed'],
  ['maintenance', 'measured'],
  ['queries', 'computed'],
];

/** What Cosmos DB bills. */
export function storeMeters(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
  { store }: AzureModes,
): Meter[] {
  return [
    ...(store === 'serverless'
      ? serverless(workload, profile, loads)
      : capacity(workload, profile, loads, store)),
    {
      ...{ name: 'entries and pages', price: 'azure.cosmos.gb-month', basis: 'measured' },
      units: storedBytes(workload, loads) / gigabyte,
    },
  ];
}

function serverless(workload: Workload, profile: Profile, loads: readonly Load[]): Meter[] {
  const known = new Map(loads.map((load) => [load, operationsOf(load, workload, profile)]));
  return uses.map(([use, basis]) => {
    const units = perMonth(loads, (load) => requestUnits(ofUse(known.get(load) ?? [], use)));
    return { name: `request units of ${use}`, price: 'azure.cosmos.ru', units, basis };
  });
}

const ofUse = (all: readonly Operation[], use: Use): Operation[] =>
  all.filter((one) => one.use === use);

/** Provisioned is what the highest level needs, all the time; autoscale follows the hours. */
function capacity(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
  store: 'autoscale' | 'provisioned',
): Meter[] {
  const isAutoscale = store === 'autoscale';
  const hundreds = isAutoscale
    ? autoscaledUnits(workload, profile, loads) / 100
    : Math.ceil(provisionedUnits(workload, profile, loads) / 100);
  const price = isAutoscale ? 'azure.cosmos.autoscale-100ru-hour' : 'azure.cosmos.100ru-hour';
  const units = hundreds * hoursPerMonth;
  return [{ name: 'request units per second', price, units, basis: 'assumed' }];
}

/**
 * Request units by second to provision: for the highest level with some air, and 1 for each GB at least.
 * https://learn.microsoft.com/azure/cosmos-db/concepts-limits
 */
export function provisionedUnits(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
): number {
  const units = (load: Load): number => requestUnits(operationsOf(load, workload, profile));
  const gb = storedBytes(workload, loads) / gigabyte;
  return Math.max(assumed.requestUnitsMin, gb, peak(loads, units) / assumed.capacityShare);
}

/**
 * Request units by second that autoscale bills, in the mean over the hours: those of the highest second, a tenth of
 * the maximum at least. The maximum is 10 units for each GB at least, in thousands.
 * https://learn.microsoft.com/azure/cosmos-db/autoscale-faq
 */
export function autoscaledUnits(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
): number {
  const gb = storedBytes(workload, loads) / gigabyte;
  const highest = (load: Load): number => highestSecond(load, workload, profile, gb);
  const { autoscaleStep, autoscaleShareMin } = assumed;
  const needed = Math.max(1, peak(loads, highest), 10 * gb);
  const most = Math.ceil(needed / autoscaleStep) * autoscaleStep;
  return mean(loads, (load) => Math.max(most * autoscaleShareMin, highest(load)));
}

/**
 * Request units of the highest second of an hour: what always comes, and of a round of maintenance and of a compaction
 * what one second holds of their calls. A compaction is in one physical partition, and the container scales with the
 * busiest of them. https://learn.microsoft.com/azure/cosmos-db/monitor-normalized-request-units
 */
function highestSecond(load: Load, workload: Workload, profile: Profile, gb: number): number {
  const operations = operationsOf(load, workload, profile);
  const always = requestUnits(operations);
  const round =
    60 *
    requestUnits(ofUse(operations, 'maintenance')) *
    secondOf(roundMs(load.partitions, profile));
  // Where compactions are rarer than hours, only some hours have one.
  const everySeconds = Math.min(3_600, 1 / load.compactionsPerSecond);
  const compaction =
    everySeconds *
    requestUnits(ofUse(operations, 'compaction')) *
    secondOf(callsOfCompaction(load, profile) * assumed.storeCallMs);
  const units = always + round + compaction;
  const physicalPartitions = Math.ceil(Math.max(gb / physicalGB, units / physicalUnits));
  return always + round + Math.max(1, physicalPartitions) * compaction;
}

/** The share of something that takes so many milliseconds which is in one second. */
function secondOf(ms: number): number {
  return Math.min(1, 1_000 / ms);
}

/** Entries that have not expired, and pages of all rows that are kept. */
export function storedBytes(workload: Workload, loads: readonly Load[]): number {
  const life = entryLifeSeconds((workload.retentionHours ?? defaultHours) * 3_600);
  const entries = mean(loads, (one) => one.entriesPerSecond * itemBytes(one.entryBytes)) * life;
  const pages = mean(loads, ({ views }) =>
    views.reduce((sum, { fullBytes, fullPerSecond }) => {
      const isOne = fullPerSecond === 0;
      const count = isOne ? workload.partitions : fullPerSecond * workload.rowDays * 86_400;
      return sum + count * itemBytes(fullBytes);
    }, 0),
  );
  return entries + pages;
}
