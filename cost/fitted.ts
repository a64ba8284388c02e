import { defaultAwsModes } from './aws/settings.ts';
import { type AzureModes, defaultAzureModes } from './azure/settings.ts';
import { type Check, checksOf, hotShareOf, isCarried, partitionsMost } from './capacity.ts';
import type { Cloud } from './price-book.ts';
import type { Profile } from './profile.ts';
import type { Workload } from './workload.ts';

/** A workload with the partitions that it needs. */
export interface Fitted {
  readonly workload: Workload;
  /** Autoscale where serverless does not carry it. */
  readonly store: AzureModes['store'];
  /** The limits that it passes all the same: names of {@link Check}; none where it is carried. */
  readonly passed: readonly string[];
}

/** The memory of `process` in the templates, MB. */
export const templateMemoryMB: Readonly<Record<Cloud, number>> = {
  aws: defaultAwsModes.processMemoryMB,
  azure: defaultAzureModes.instanceMemoryMB,
};

/**
 * A workload on as many partitions as it has, or twice as many, or four times, until they carry it. Where not even the
 * most partitions do, it has those that would be enough if all keys came alike.
 */
export function fitted(cloud: Cloud, workload: Workload, profile: Profile): Fitted {
  const most = partitionsMost[cloud];
  const hot = hotShareOf(workload, profile);
  const checksAt = (partitions: number, share: number): Check[] =>
    checksOf(cloud, { ...workload, partitions }, profile, templateMemoryMB[cloud], share);
  const isLacking = (check: Check): boolean => check.easedBy === 'partitions' && !isCarried(check);
  let partitions = Math.min(workload.partitions, most);
  let checks = checksAt(partitions, hot);
  if (checks.some(isLacking)) {
    const share = checksAt(most, hot).some(isLacking) ? 0 : hot;
    const isHopeless = checksAt(most, share).map(isLacking);
    const isShort = (): boolean =>
      checksAt(partitions, share).some((one, index) => isLacking(one) && !isHopeless[index]);
    while (partitions < most && isShort()) partitions = Math.min(most, 2 * partitions);
    checks = checksAt(partitions, hot);
  }
  const passed = checks.filter((one) => !isCarried(one));
  return {
    workload: { ...workload, partitions },
    store: passed.some(({ easedBy }) => easedBy === 'autoscale')
      ? 'autoscale'
      : defaultAzureModes.store,
    passed: passed.filter(({ easedBy }) => easedBy !== 'autoscale').map(({ what }) => what),
  };
}
