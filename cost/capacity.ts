import { batchMs as awsBatchMs } from './aws/functions.ts';
import { shardBytes, shardRecords } from './aws/settings.ts';
import { awsLoads } from './aws/usage.ts';
import { batchMs as azureBatchMs } from './azure/functions.ts';
import { retentionHours as azureHours, unitBytes, unitRecords } from './azure/settings.ts';
import { storedBytes } from './azure/store.ts';
import { throughputUnits } from './azure/stream.ts';
import { azureLoads } from './azure/usage.ts';
import { requestUnits } from './cosmos-units.ts';
import { dynamoDbUnits } from './dynamodb-units.ts';
import type { Load } from './load.ts';
import { peak } from './month.ts';
import { operationsOf } from './operations.ts';
import type { Cloud } from './price-book.ts';
import type { Profile } from './profile.ts';
import { type Workload, workloadRanges } from './workload.ts';

/** How much of a limit a workload uses at its peak. */
export interface Capacity {
  readonly what: string;
  /** Used and most, in the same unit. */
  readonly used: number;
  readonly most: number;
  readonly unit: string;
  /** The mean rate at which it is used up, the workload's shape kept; null where no rate does. */
  readonly breaksAt: number | null;
}

type Check = Omit<Capacity, 'breaksAt'>;

/** Limits of the vendors, by second. */
const hotWriteUnits = 1_000;
const hotReadUnits = 3_000;
const logicalPartitionUnits = 10_000;
const serverlessUnits = 5_000;
const logicalPartitionBytes = 20 * 2 ** 30;
const throughputUnitsMax = 40;

/** What partitions, functions and tables carry, the scarcest first. Keys are taken to spread evenly. */
export function capacityOf(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  memoryMB: number,
): Capacity[] {
  const checksAt = (eventsPerSecond: number): Check[] => {
    const at = { ...workload, eventsPerSecond };
    return cloud === 'aws' ? onAws(at, profile, memoryMB) : onAzure(at, profile, memoryMB);
  };
  const shareOf = (index: number) => (rate: number) => {
    const { used, most } = checksAt(rate)[index] as Check;
    return used / most;
  };
  return checksAt(workload.eventsPerSecond)
    .map((check, index) => ({ ...check, breaksAt: breakOf(shareOf(index)) }))
    .sort((a, b) => b.used / b.most - a.used / a.most);
}

function onAws(workload: Workload, profile: Profile, memoryMB: number): Check[] {
  const { partitions } = workload;
  const loads = awsLoads(workload, profile);
  const most = (of: (load: Load) => number): number => peak(loads, of) / partitions;
  const units = (load: Load) => dynamoDbUnits(operationsOf(load, workload, profile));
  return [
    {
      ...{ what: 'a shard, bytes in', unit: 'bytes/s', most: shardBytes },
      used: most((load) => load.recordsPerSecond * load.recordBytes),
    },
    {
      ...{ what: 'a shard, records in', unit: 'records/s', most: shardRecords },
      used: most((load) => load.recordsPerSecond),
    },
    {
      ...{ what: 'a function on one shard', unit: 'seconds/s', most: 1 },
      used: most((one) => (one.batchesPerSecond * awsBatchMs(one, profile, memoryMB)) / 1_000),
    },
    {
      ...{ what: 'a partition of the table, writes', unit: 'units/s', most: hotWriteUnits },
      used: most((load) => units(load).write),
    },
    {
      ...{ what: 'a partition of the table, reads', unit: 'units/s', most: hotReadUnits },
      used: most((load) => units(load).read),
    },
  ];
}

function onAzure(workload: Workload, profile: Profile, memoryMB: number): Check[] {
  const { partitions } = workload;
  const loads = azureLoads(workload, profile);
  const most = (of: (load: Load) => number): number => peak(loads, of) / partitions;
  const units = (load: Load): number => requestUnits(operationsOf(load, workload, profile));
  const life = { ...workload, retentionHours: workload.retentionHours ?? azureHours };
  return [
    {
      ...{ what: 'a partition of the hub, bytes in', unit: 'bytes/s', most: unitBytes },
      used: most((load) => load.recordsPerSecond * load.recordBytes),
    },
    {
      ...{ what: 'a partition of the hub, records in', unit: 'records/s', most: unitRecords },
      used: most((load) => load.recordsPerSecond),
    },
    {
      ...{ what: 'the namespace', unit: 'throughput units', most: throughputUnitsMax },
      used: throughputUnits(loads),
    },
    {
      ...{ what: 'a function on one partition', unit: 'seconds/s', most: 1 },
      used: most((one) => (one.batchesPerSecond * azureBatchMs(one, profile, memoryMB)) / 1_000),
    },
    {
      ...{ what: 'a logical partition, request units', unit: 'units/s' },
      ...{ most: logicalPartitionUnits, used: most(units) },
    },
    {
      ...{ what: 'a serverless container, request units', unit: 'units/s' },
      ...{ most: serverlessUnits, used: peak(loads, units) },
    },
    {
      ...{ what: 'a logical partition, storage', unit: 'bytes', most: logicalPartitionBytes },
      used: storedBytes(life, loads) / partitions,
    },
  ];
}

/** The rate at which a share reaches one; shares grow with rates. */
function breakOf(share: (rate: number) => number): number | null {
  let [low, high] = [1e-3, workloadRanges.eventsPerSecond.most];
  if (share(high) <= 1) return null;
  while (high / low > 1.001) {
    const middle = Math.sqrt(low * high);
    if (share(middle) > 1) high = middle;
    else low = middle;
  }
  return low;
}

/** The partitions that a workload needs where those that it has do not carry it. */
export function fitted(cloud: Cloud, workload: Workload, profile: Profile): Workload {
  const checks = (at: Workload): Check[] =>
    cloud === 'aws' ? onAws(at, profile, fitMemoryMB) : onAzure(at, profile, fitMemoryMB);
  const byPartition = (at: Workload): number =>
    checks(at)
      .filter(({ what }) => what.startsWith('a shard') || /^a (partition|function)/.test(what))
      .reduce((most, { used, most: limit }) => Math.max(most, used / limit), 0);
  let { partitions } = workload;
  while (byPartition({ ...workload, partitions }) > 1 && partitions < partitionsMax)
    partitions *= 2;
  return { ...workload, partitions };
}

const partitionsMax = workloadRanges.partitions.most / 2;
const fitMemoryMB = 2_048;
