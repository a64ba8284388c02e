/** A fault and where it strikes, once. */
export interface PendingFault<Kind extends string> {
  readonly kind: Kind;
  /** By default any. */
  readonly functionName?: string;
  /** Of the stream; by default any. */
  readonly partition?: string;
}

/** The faults that are still to come, in the order in which they were injected. */
export class PendingFaults<Kind extends string> {
  private pending: PendingFault<Kind>[] = [];

  inject(fault: PendingFault<Kind>): void {
    this.pending.push(fault);
  }

  /** Takes the first fault of these kinds that strikes here; null for none. */
  take<K extends Kind>(
    kinds: readonly K[],
    functionName: string,
    partition: string | null,
  ): K | null {
    const found = this.pending.find(
      (fault): fault is PendingFault<K> =>
        (kinds as readonly Kind[]).includes(fault.kind) &&
        (fault.functionName ?? functionName) === functionName &&
        (fault.partition === undefined || fault.partition === partition),
    );
    if (found === undefined) return null;
    this.pending = this.pending.filter((fault) => fault !== found);
    return found.kind;
  }
}
