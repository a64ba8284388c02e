import { entryLifeSeconds } from '../../core/entry-life.ts';
import { dynamoDbUnits, itemOverheadBytes } from '../dynamodb-units.ts';
import type { Load } from '../load.ts';
import { type Basis, gigabyte, hoursPerMonth, type Meter } from '../meter.ts';
import { mean, perMonth } from '../month.ts';
import { type Operation, operationsOf, type Use } from '../operations.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { type AwsModes, assumed, retentionHours as defaultHours } from './settings.ts';

/** What the table keeps for each item beside its own bytes. */
const indexBytes = 100;
const uses: readonly (readonly [Use, Basis])[] = [
  ['commits', 'measured'],
  ['compaction', 'computed'],
  ['maintenance', 'measured'],
  ['queries', 'computed'],
];

/** What DynamoDB bills. */
export function storeMeters(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
  { store }: AwsModes,
): Meter[] {
  const known = new Map(loads.map((load) => [load, operationsOf(load, workload, profile)]));
  const all = (load: Load): Operation[] => known.get(load) ?? [];
  const units = store === 'on-demand' ? onDemand(loads, all) : provisioned(loads, all);
  const gb = storedBytes(workload, loads) / gigabyte;
  return [
    ...units,
    { name: 'entries and pages', price: 'aws.dynamodb.gb-month', units: gb, basis: 'measured' },
    {
      ...{ name: 'recovery to a point in time', price: 'aws.dynamodb.recovery-gb-month' },
      ...{ units: gb, basis: 'measured' },
    },
  ];
}

function onDemand(loads: readonly Load[], all: (load: Load) => Operation[]): Meter[] {
  const of = (use: Use, what: 'write' | 'read'): number =>
    perMonth(loads, (load) => dynamoDbUnits(all(load).filter((one) => one.use === use))[what]);
  return (['write', 'read'] as const).flatMap((what) =>
    uses
      .filter(([use]) => (what === 'write' ? use !== 'queries' : use !== 'commits'))
      .map(([use, basis]) => {
        const price = `aws.dynamodb.${what}-unit`;
        return { name: `${what}s of ${use}`, price, units: of(use, what), basis };
      }),
  );
}

/** Capacity follows the levels, with some air. */
function provisioned(loads: readonly Load[], all: (load: Load) => Operation[]): Meter[] {
  const hours = (what: 'write' | 'read'): number =>
    hoursPerMonth *
    mean(loads, (load) => Math.ceil(dynamoDbUnits(all(load))[what] / assumed.capacityShare));
  return [
    {
      ...{ name: 'write capacity', price: 'aws.dynamodb.wcu-hour' },
      ...{ units: hours('write'), basis: 'assumed' },
    },
    {
      ...{ name: 'read capacity', price: 'aws.dynamodb.rcu-hour' },
      ...{ units: hours('read'), basis: 'assumed' },
    },
  ];
}

/** Entries that have not expired, and pages of all rows that are kept. */
export function storedBytes(workload: Workload, loads: readonly Load[]): number {
  const life = entryLifeSeconds((workload.retentionHours ?? defaultHours) * 3_600);
  const beside = itemOverheadBytes + indexBytes;
  const entries = mean(loads, (one) => one.entriesPerSecond * (one.entryBytes + beside)) * life;
  const pages = mean(loads, ({ views }) =>
    views.reduce((sum, { fullBytes, fullPerSecond }) => {
      const isOne = fullPerSecond === 0;
      const count = isOne ? workload.partitions : fullPerSecond * workload.rowDays * 86_400;
      return sum + count * (fullBytes + beside);
    }, 0),
  );
  return entries + pages;
}
