import type { PendingFault } from '../pending-faults.ts';

/**
 * What goes wrong with the next invocation of a function, whoever its caller is.
 *
 * - `fail-before`: the service fails before the function runs. `fail-after`: the function's answer is an error, after
 *   it has run.
 * - `time-out`, `kill`: once the function runs, its sandbox is ended.
 * - `lose-response`: the function has run and succeeded; its caller never hears of it.
 */
export type InvocationFaultKind =
  | 'fail-before'
  | 'fail-after'
  | 'time-out'
  | 'kill'
  | 'lose-response';

/**
 * What goes wrong with the next batch of a mapping.
 *
 * - `duplicate`: it is delivered again although it was processed.
 * - `two-owners`: it is delivered twice at the same time.
 */
export type DeliveryFaultKind = 'duplicate' | 'two-owners';

/** All that can be made to go wrong. */
export type LambdaFaultKind = InvocationFaultKind | DeliveryFaultKind;

/** A fault and where it strikes, once. The partition of a stream is a shard. */
export type LambdaFault = PendingFault<LambdaFaultKind>;
