import { entryLifeSeconds } from '../../core/entry-life.ts';
import { itemBytes, requestUnits } from '../cosmos-units.ts';
import type { Load } from '../load.ts';
import { type Basis, gigabyte, hoursPerMonth, type Meter } from '../meter.ts';
import { mean, peak, perMonth } from '../month.ts';
import { type Operation, operationsOf, type Use } from '../operations.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { type AzureModes, assumed, retentionHours as defaultHours } from './settings.ts';

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
  const known = new Map(loads.map((load) => [load, operationsOf(load, workload, profile)]));
  const all = (load: Load): Operation[] => known.get(load) ?? [];
  return [
    ...(store === 'serverless' ? serverless(loads, all) : capacity(loads, all, store)),
    {
      ...{ name: 'entries and pages', price: 'azure.cosmos.gb-month', basis: 'measured' },
      units: storedBytes(workload, loads) / gigabyte,
    },
  ];
}

function serverless(loads: readonly Load[], all: (load: Load) => Operation[]): Meter[] {
  return uses.map(([use, basis]) => {
    const of = (load: Load): Operation[] => all(load).filter((one) => one.use === use);
    const units = perMonth(loads, (load) => requestUnits(of(load)));
    return { name: `request units of ${use}`, price: 'azure.cosmos.ru', units, basis };
  });
}

/** Provisioned is what the highest level needs, all the time; autoscale follows the levels, down to a tenth. */
function capacity(
  loads: readonly Load[],
  all: (load: Load) => Operation[],
  store: 'autoscale' | 'provisioned',
): Meter[] {
  const needed = (load: Load): number => requestUnits(all(load)) / assumed.capacityShare;
  const most = peak(loads, needed);
  if (store === 'provisioned') {
    const hundreds = Math.ceil(Math.max(assumed.requestUnitsMin, most) / 100);
    return [
      {
        ...{ name: 'request units per second', price: 'azure.cosmos.100ru-hour' },
        ...{ units: hundreds * hoursPerMonth, basis: 'assumed' },
      },
    ];
  }
  const top = Math.max(1, Math.ceil(most / assumed.autoscaleStep)) * assumed.autoscaleStep;
  const hundreds = mean(loads, (load) => {
    return Math.max(top * assumed.autoscaleShareMin, needed(load)) / 100;
  });
  return [
    {
      ...{ name: 'request units per second', price: 'azure.cosmos.autoscale-100ru-hour' },
      ...{ units: hundreds * hoursPerMonth, basis: 'assumed' },
    },
  ];
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
