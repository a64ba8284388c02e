import { defaultAwsModes } from '../../cost/aws/settings.ts';
import { awsLoads, awsMeters } from '../../cost/aws/usage.ts';
import { defaultAzureModes } from '../../cost/azure/settings.ts';
import { azureLoads, azureMeters } from '../../cost/azure/usage.ts';
import { secondsPerMonth } from '../../cost/meter.ts';
import { operationsOf } from '../../cost/operations.ts';
import type { Cloud } from '../../cost/price-book.ts';
import type { Profile } from '../../cost/profile.ts';
import type { Workload } from '../../cost/workload.ts';
import { whyUncounted } from './uncounted.ts';

/** What the model says of so many seconds: the meters of the bill that can be counted, and the calls of the store. */
export function predicted(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  seconds: number,
): ReadonlyMap<string, number> {
  const isAws = cloud === 'aws';
  const meters = isAws
    ? awsMeters(workload, profile, defaultAwsModes)
    : azureMeters(workload, profile, defaultAzureModes);
  const units = new Map<string, number>();
  for (const { name, units: ofMonth } of meters) {
    if (whyUncounted(cloud, name) === null) units.set(name, (ofMonth * seconds) / secondsPerMonth);
  }
  const [load] = (isAws ? awsLoads : azureLoads)(workload, profile);
  for (const { use, perSecond } of operationsOf(load!, workload, profile)) {
    const name = `calls for ${use}`;
    units.set(name, (units.get(name) ?? 0) + perSecond * seconds);
  }
  return units;
}
