import type { Load } from './load.ts';
import { secondsPerMonth } from './meter.ts';

/** What comes together in a month of something that a level has by second. */
export function perMonth(loads: readonly Load[], perSecond: (load: Load) => number): number {
  return mean(loads, perSecond) * secondsPerMonth;
}

/** The mean of something over the levels. */
export function mean(loads: readonly Load[], of: (load: Load) => number): number {
  return loads.reduce((sum, load) => sum + load.share * of(load), 0);
}

/** The most of something over the levels. */
export function peak(loads: readonly Load[], of: (load: Load) => number): number {
  return loads.reduce((most, load) => Math.max(most, of(load)), 0);
}
