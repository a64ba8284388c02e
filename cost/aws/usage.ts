import { type Load, loadsOf } from '../load.ts';
import type { Meter } from '../meter.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { functionMeters } from './functions.ts';
import { archiveMeters, restMeters } from './rest.ts';
import { type AwsModes, lambdaHost } from './settings.ts';
import { storeMeters } from './store.ts';
import { streamMeters } from './stream.ts';

/** The levels of a workload on AWS. */
export function awsLoads(workload: Workload, profile: Profile): readonly Load[] {
  return loadsOf(workload, profile, lambdaHost);
}

/** All that a month of a workload uses on AWS; what it does not use is left out. */
export function awsMeters(workload: Workload, profile: Profile, modes: AwsModes): Meter[] {
  const loads = awsLoads(workload, profile);
  return [
    ...streamMeters(workload, loads, modes),
    ...functionMeters(workload, profile, loads, modes),
    ...storeMeters(workload, profile, loads, modes),
    ...restMeters(workload, profile, loads),
    ...archiveMeters(workload, loads),
  ].filter(({ units }) => units > 0);
}
