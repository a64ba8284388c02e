import { type Load, loadsOf } from '../load.ts';
import type { Meter } from '../meter.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { functionMeters } from './functions.ts';
import { archiveMeters, restMeters } from './rest.ts';
import { type AwsModes, defaultAwsModes, lambdaHost, pushedHost } from './settings.ts';
import { storeMeters } from './store.ts';
import { streamMeters } from './stream.ts';

/** The levels of a workload on AWS. A window of no more than a poll is none where records are pushed. */
export function awsLoads(
  workload: Workload,
  profile: Profile,
  { fanOut }: Pick<AwsModes, 'fanOut'> = defaultAwsModes,
): readonly Load[] {
  if (!fanOut) return loadsOf(workload, profile, lambdaHost);
  const hasWindow = workload.batchWindowSeconds > lambdaHost.waitSeconds;
  const at = hasWindow ? workload : { ...workload, batchWindowSeconds: 0 };
  return loadsOf(at, profile, pushedHost);
}

/** All that a month of a workload uses on AWS; what it does not use is left out. */
export function awsMeters(workload: Workload, profile: Profile, modes: AwsModes): Meter[] {
  const loads = awsLoads(workload, profile, modes);
  return [
    ...streamMeters(workload, loads, modes),
    ...functionMeters(workload, profile, loads, modes),
    ...storeMeters(workload, profile, loads, modes),
    ...restMeters(workload, profile, loads),
    ...archiveMeters(workload, loads),
  ].filter(({ units }) => units > 0);
}
