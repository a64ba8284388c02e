import { type Load, loadsOf } from '../load.ts';
import type { Meter } from '../meter.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { functionMeters } from './functions.ts';
import { restMeters } from './rest.ts';
import { type AzureModes, functionsHost } from './settings.ts';
import { storeMeters } from './store.ts';
import { streamMeters } from './stream.ts';

/** The levels of a workload on Azure. */
export function azureLoads(workload: Workload, profile: Profile): readonly Load[] {
  return loadsOf(workload, profile, functionsHost);
}

/** All that a month of a workload uses on Azure; what it does not use is left out. */
export function azureMeters(workload: Workload, profile: Profile, modes: AzureModes): Meter[] {
  const loads = azureLoads(workload, profile);
  return [
    ...streamMeters(workload, loads, modes),
    ...functionMeters(workload, profile, loads, modes),
    ...storeMeters(workload, profile, loads, modes),
    ...restMeters(workload, profile, loads),
  ].filter(({ units }) => units > 0);
}
