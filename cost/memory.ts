import { batchMs as awsBatchMs } from './aws/functions.ts';
import { defaultAwsModes } from './aws/settings.ts';
import { awsLoads, awsMeters } from './aws/usage.ts';
import { batchMs as azureBatchMs } from './azure/functions.ts';
import { type AzureModes, defaultAzureModes } from './azure/settings.ts';
import { azureLoads, azureMeters } from './azure/usage.ts';
import { billOf } from './bill.ts';
import type { Meter } from './meter.ts';
import { peak } from './month.ts';
import type { Cloud, PriceBook } from './price-book.ts';
import type { Profile } from './profile.ts';
import type { Workload } from './workload.ts';

/** A size of the memory of `process`. */
export interface MemorySize {
  readonly memoryMB: number;
  /** Dollars in a month for the time of batches. */
  readonly total: number;
  /** Of the longest batch, milliseconds. */
  readonly batchMs: number;
  /** Whether what was measured fits, with room. */
  readonly fits: boolean;
  readonly isCurrent: boolean;
}

const lambdaSizes = [256, 512, 768, 1_024, 1_536, 1_769, 2_048, 3_008];
const flexSizes: readonly AzureModes['instanceMemoryMB'][] = [512, 2_048, 4_096];
/** Node, the SDKs and the code, before the first event. Assumed. */
const runtimeMB = 110;
const room = 1.5;

/** What sizes of memory cost. */
export function memorySizes(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
): MemorySize[] {
  const time = (meters: readonly Meter[]): number =>
    billOf(
      meters.filter(({ name }) => name === 'time of batches' || name === 'instances kept warm'),
      book,
    ).total;
  const needs = room * (runtimeMB + profile.heapPeakMB);
  if (cloud === 'aws') {
    const loads = awsLoads(workload, profile);
    return lambdaSizes.map((memoryMB) => ({
      memoryMB,
      total: time(awsMeters(workload, profile, { ...defaultAwsModes, processMemoryMB: memoryMB })),
      batchMs: peak(loads, (load) => awsBatchMs(load, profile, memoryMB)),
      fits: memoryMB >= needs,
      isCurrent: memoryMB === defaultAwsModes.processMemoryMB,
    }));
  }
  const loads = azureLoads(workload, profile);
  return flexSizes.map((memoryMB) => ({
    memoryMB,
    total: time(
      azureMeters(workload, profile, { ...defaultAzureModes, instanceMemoryMB: memoryMB }),
    ),
    batchMs: peak(loads, (load) => azureBatchMs(load, profile, memoryMB)),
    fits: memoryMB >= needs,
    isCurrent: memoryMB === defaultAzureModes.instanceMemoryMB,
  }));
}

/** The cheapest size that fits; the largest where none does. */
export function memoryToChoose(sizes: readonly MemorySize[]): MemorySize {
  const fitting = sizes.filter(({ fits }) => fits);
  const [first, ...rest] = fitting.length > 0 ? fitting : sizes.slice(-1);
  return rest.reduce((a, b) => (b.total < a.total ? b : a), first as MemorySize);
}
