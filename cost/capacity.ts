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
import { hottestShare } from './keys.ts';
import type { Load } from './load.ts';
import { peak } from './month.ts';
import { operationsOf } from './operations.ts';
import type { Cloud } from './price-book.ts';
import type { Profile } from './profile.ts';
import { type Workload, workloadRanges } from './workload.ts';

/** How much of a limit a workload uses at its peak. */
export interface Check {
  readonly what: string;
  /** Used and most, in the same unit. */
  readonly used: number;
  readonly most: number;
  readonly unit: string;
  /** What eases it: partitions, among which the load is divided; another mode of Cosmos DB; null for nothing. */
  readonly easedBy: 'partitions' | 'autoscale' | null;
}

/** What lets a workload be carried: more partitions, `spread(key, n)` for a hot key, Cosmos DB on autoscale. */
export type Cure = 'partitions' | 'spread' | 'autoscale';

/** How much of a limit a workload uses, when that is too much, and what helps then. */
export interface Capacity extends Check {
  /** The mean rate at which it is used up, the workload's shape kept; null where that is not for the rate to say. */
  readonly breaksAt: number | null;
  /** Null where the workload is carried, and where nothing helps. */
  readonly cure: Cure | null;
}

/** Limits of the vendors, by second. */
const hotWriteUnits = 1_000;
const hotReadUnits = 3_000;
const logicalPartitionUnits = 10_000;
const serverlessUnits = 5_000;
const logicalPartitionBytes = 20 * 2 ** 30;
const throughputUnitsMax = 40;

/**
 * The most partitions of a stream: on Azure of a hub in the Standard tier
 * (https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas); Kinesis has as many shards as one asks for.
 */
export const partitionsMost: Readonly<Record<Cloud, number>> = {
  aws: workloadRanges.partitions.most,
  azure: 32,
};

/** Whether no more is used than there is. */
export function isCarried({ used, most }: Check): boolean {
  return used <= most;
}

/**
 * What partitions, functions and tables carry, the scarcest first. The hottest key is in one partition, which has its
 * share of the others besides: that partition is the one whose use is told.
 */
export function capacityOf(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  memoryMB: number,
): Capacity[] {
  const hot = hotShareOf(workload, profile);
  const known = new Map<number, Check[]>();
  const checksAt = (eventsPerSecond: number): Check[] => {
    const found = known.get(eventsPerSecond);
    if (found !== undefined) return found;
    const checks = checksOf(cloud, { ...workload, eventsPerSecond }, profile, memoryMB, hot);
    known.set(eventsPerSecond, checks);
    return checks;
  };
  const shareOf = (index: number) => (rate: number) => {
    const { used, most } = checksAt(rate)[index] as Check;
    return used / most;
  };
  const most = { ...workload, partitions: partitionsMost[cloud] };
  const isCured = (index: number, share: number): boolean =>
    isCarried(checksOf(cloud, most, profile, memoryMB, share)[index] as Check);
  const cureOf = (check: Check, index: number): Cure | null => {
    if (isCarried(check)) return null;
    if (check.easedBy !== 'partitions') return check.easedBy;
    if (isCured(index, hot)) return 'partitions';
    return isCured(index, 0) ? 'spread' : null;
  };
  return checksAt(workload.eventsPerSecond)
    .map((check, index): Capacity => {
      return { ...check, breaksAt: breakOf(shareOf(index)), cure: cureOf(check, index) };
    })
    .sort((a, b) => b.used / b.most - a.used / a.most);
}

/**
 * The share of the events that come with the hottest partition key. Profiles measure the keys of views: those of the
 * first one with several are taken for it.
 */
export function hotShareOf({ keys }: Workload, { views }: Profile): number {
  const law = views.find(({ popularity }) => popularity.keys > 1)?.popularity;
  return law === undefined ? 0 : hottestShare({ ...law, keys: keys ?? law.keys });
}

/**
 * What is used of each limit where so large a share of the events comes with the hottest key. The fullest partition
 * has that key and what the others leave to each: `hot + (1 - hot) / partitions` of the events. It is worked out as
 * one of partitions that are all as full.
 */
export function checksOf(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  memoryMB: number,
  hot: number,
): Check[] {
  const fullness = 1 + hot * (workload.partitions - 1);
  const full = { ...workload, eventsPerSecond: fullness * workload.eventsPerSecond };
  return cloud === 'aws'
    ? onAws(full, profile, memoryMB)
    : onAzure(workload, full, profile, memoryMB);
}

function onAws(full: Workload, profile: Profile, memoryMB: number): Check[] {
  const loads = awsLoads(full, profile);
  const most = (of: (load: Load) => number): number => peak(loads, of) / full.partitions;
  const units = (load: Load) => dynamoDbUnits(operationsOf(load, full, profile));
  const easedBy = 'partitions';
  return [
    {
      ...{ what: 'a shard, bytes in', unit: 'bytes/s', most: shardBytes, easedBy },
      used: most((load) => load.recordsPerSecond * load.recordBytes),
    },
    {
      ...{ what: 'a shard, records in', unit: 'records/s', most: shardRecords, easedBy },
      used: most((load) => load.recordsPerSecond),
    },
    {
      ...{ what: 'a function on one shard', unit: 'seconds/s', most: 1, easedBy },
      used: most((one) => (one.batchesPerSecond * awsBatchMs(one, profile, memoryMB)) / 1_000),
    },
    {
      ...{ what: 'a partition of the table, writes', unit: 'units/s', most: hotWriteUnits },
      ...{ used: most((load) => units(load).write), easedBy },
    },
    {
      ...{ what: 'a partition of the table, reads', unit: 'units/s', most: hotReadUnits },
      ...{ used: most((load) => units(load).read), easedBy },
    },
  ];
}

function onAzure(workload: Workload, full: Workload, profile: Profile, memoryMB: number): Check[] {
  const { partitions } = workload;
  const all = azureLoads(workload, profile);
  const loads = full.eventsPerSecond === workload.eventsPerSecond ? all : azureLoads(full, profile);
  const most = (of: (load: Load) => number): number => peak(loads, of) / partitions;
  const units = (load: Load): number => requestUnits(operationsOf(load, workload, profile));
  const easedBy = 'partitions';
  return [
    {
      ...{ what: 'partitions of the hub', unit: 'partitions', easedBy: null },
      ...{ used: partitions, most: partitionsMost.azure },
    },
    {
      ...{ what: 'a partition of the hub, bytes in', unit: 'bytes/s', most: unitBytes, easedBy },
      used: most((load) => load.recordsPerSecond * load.recordBytes),
    },
    {
      ...{ what: 'a partition of the hub, records in', unit: 'records/s', most: unitRecords },
      ...{ used: most((load) => load.recordsPerSecond), easedBy },
    },
    {
      ...{ what: 'the namespace', unit: 'throughput units', most: throughputUnitsMax },
      ...{ used: throughputUnits(all), easedBy: null },
    },
    {
      ...{ what: 'a function on one partition', unit: 'seconds/s', most: 1, easedBy },
      used: most((one) => (one.batchesPerSecond * azureBatchMs(one, profile, memoryMB)) / 1_000),
    },
    {
      ...{ what: 'a logical partition, request units', unit: 'units/s', easedBy },
      ...{ most: logicalPartitionUnits, used: most(units) },
    },
    {
      ...{ what: 'a serverless container, request units', unit: 'units/s' },
      ...{ most: serverlessUnits, used: peak(all, units), easedBy: 'autoscale' },
    },
    {
      ...{ what: 'a logical partition, storage', unit: 'bytes', most: logicalPartitionBytes },
      ...{ used: storedBytes(kept(workload), withPages(loads, all)) / partitions, easedBy },
    },
  ];
}

function kept(workload: Workload): Workload {
  return { ...workload, retentionHours: workload.retentionHours ?? azureHours };
}

/** Entries grow with the events; pages with the keys, and the hottest one is a single one more. */
function withPages(entries: readonly Load[], pages: readonly Load[]): Load[] {
  return entries.map((load, level) => ({ ...load, views: pages[level]?.views ?? [] }));
}

/** The rate at which a share reaches one; shares grow with rates. */
function breakOf(share: (rate: number) => number): number | null {
  let [low, high] = [1e-3, workloadRanges.eventsPerSecond.most];
  if (share(high) <= 1 || share(low) > 1) return null;
  while (high / low > 1.001) {
    const middle = Math.sqrt(low * high);
    if (share(middle) > 1) high = middle;
    else low = middle;
  }
  return low;
}
