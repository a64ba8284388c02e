import type { PendingFault } from '../pending-faults.ts';

/**
 * What goes wrong with the next invocation, or the next checkpoint, of a function.
 *
 * - `fail-before`: it fails before the function runs, as a binding error does. `fail-after`: after it has run.
 * - `time-out`, `kill`: once the function runs, the worker is ended, and with it all that is in flight.
 * - `lose-checkpoint`: the checkpoint after the batch is not written.
 */
export type FaultKind = 'fail-before' | 'fail-after' | 'time-out' | 'kill' | 'lose-checkpoint';

/** A fault and where it strikes, once. */
export type Fault = PendingFault<FaultKind>;
