/** The time, as a port, so that tests and the simulation own it. */
export abstract class Clock {
  /** Epoch milliseconds. */
  abstract now(): number;
  /** Resolves after at least `ms` milliseconds. */
  abstract sleep(ms: number): Promise<void>;
}
