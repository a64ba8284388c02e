import { defaultAwsModes } from './aws/settings.ts';
import { awsMeters } from './aws/usage.ts';
import { type AzureModes, defaultAzureModes } from './azure/settings.ts';
import { azureMeters } from './azure/usage.ts';
import { type Bill, billOf } from './bill.ts';
import { secondsPerMonth } from './meter.ts';
import type { Cloud, PriceBook } from './price-book.ts';
import type { Profile } from './profile.ts';
import type { Workload } from './workload.ts';

/** The bill of a month for a workload as the template of a cloud runs it; `store` is the mode of Cosmos DB. */
export function templateBill(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
  store: AzureModes['store'] = defaultAzureModes.store,
): Bill {
  const meters =
    cloud === 'aws'
      ? awsMeters(workload, profile, defaultAwsModes)
      : azureMeters(workload, profile, { ...defaultAzureModes, store });
  return billOf(meters, book);
}

/** Dollars for a million events; null where none comes. */
export function perMillionEvents({ total }: Bill, { eventsPerSecond }: Workload): number | null {
  const millions = (eventsPerSecond * secondsPerMonth) / 1e6;
  return millions > 0 ? total / millions : null;
}
