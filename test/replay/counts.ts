/** What the app does: a replay does one thing after the other. */
export type Doing = 'batches' | 'maintenance' | 'queries';

/** What was counted, by the name of the meter. */
export class Counts {
  doing: Doing = 'batches';
  private all = new Map<string, number>();

  add(meter: string, by = 1): void {
    this.all.set(meter, (this.all.get(meter) ?? 0) + by);
  }

  /** What was counted since the last time. */
  take(): ReadonlyMap<string, number> {
    const { all } = this;
    this.all = new Map();
    return all;
  }

  /** What the store is called for now: a batch commits its entry, and all else it asks for is for compaction. */
  useOf(isEntry: boolean): string {
    if (this.doing !== 'batches') return this.doing;
    return isEntry ? 'commits' : 'compaction';
  }
}

const functionMeters: Readonly<Record<string, string>> = {
  process: 'batches',
  maintain: 'rounds of maintenance',
  query: 'queries',
};

/** Counts an invocation of a function. */
export function countInvocation(counts: Counts, functionName: string): void {
  counts.add(functionMeters[functionName] ?? functionName);
}
