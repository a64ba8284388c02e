import { awsRivals } from './aws/rivals.ts';
import { azureRivals } from './azure/rivals.ts';
import type { Meter } from './meter.ts';
import type { Cloud, PriceBook } from './price-book.ts';
import type { Profile } from './profile.ts';
import type { Workload } from './workload.ts';

/** Another way to carry the same workload. */
export interface Rival {
  readonly name: string;
  readonly meters: readonly Meter[];
  /** What is not in its sum, or what it does not give. */
  readonly note: string;
  /** Whether it can carry the peak at all. */
  readonly carries: boolean;
}

/** The other ways to carry a workload on a cloud, with the same stream in front. */
export function rivalsOf(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
): Rival[] {
  const rivals = cloud === 'aws' ? awsRivals : azureRivals;
  return rivals(workload, profile, book);
}
