/**
 * Where a quantity comes from. `measured`: the user's pipeline on the user's events. `computed`: by the rules of the
 * vendor, from the workload and the settings of the app. `assumed`: neither says it; the docs state each assumption.
 */
export type Basis = 'measured' | 'computed' | 'assumed';

/** What is used of one thing in a month. */
export interface Meter {
  /** What uses it, in a few words. */
  readonly name: string;
  /** The id of its price. */
  readonly price: string;
  readonly units: number;
  readonly basis: Basis;
}

/** Hours, minutes and seconds of a month, as the vendors' calculators have them. */
export const hoursPerMonth = 730;
/** Minutes of a month: how often maintenance runs. */
export const minutesPerMonth: number = hoursPerMonth * 60;
/** Seconds of a month. */
export const secondsPerMonth: number = hoursPerMonth * 3_600;

/** Bytes of a GB and a KB as both vendors bill them. */
export const gigabyte: number = 2 ** 30;
/** Bytes of a KB. */
export const kilobyte = 1_024;
