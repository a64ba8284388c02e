/**
 * What goes wrong with the next invocation, or the next checkpoint, of a function.
 *
 * - `fail-before`: it fails before the function runs, as a binding error does. `fail-after`: after it has run.
 * - `time-out`, `kill`: once the function runs, the worker is ended, and with it all that is in flight.
 * - `lose-checkpoint`: the checkpoint after the batch is not written.
 */
export type FaultKind = 'fail-before' | 'fail-after' | 'time-out' | 'kill' | 'lose-checkpoint';

/** A fault and where it strikes, once. */
export interface Fault {
  readonly kind: FaultKind;
  /** By default any. */
  readonly functionName?: string;
  /** By default any. */
  readonly partition?: string;
}

/** The faults that are still to come, in the order in which they were injected. */
export class Faults {
  private pending: Fault[] = [];

  inject(fault: Fault): void {
    this.pending.push(fault);
  }

  /** Takes the first fault of these kinds that strikes here; null for none. */
  take(
    kinds: readonly FaultKind[],
    functionName: string,
    partition: string | null,
  ): FaultKind | null {
    const found = this.pending.find(
      (fault) =>
        kinds.includes(fault.kind) &&
        (fault.functionName ?? functionName) === functionName &&
        (fault.partition === undefined || fault.partition === partition),
    );
    if (found === undefined) return null;
    this.pending = this.pending.filter((fault) => fault !== found);
    return found.kind;
  }
}
