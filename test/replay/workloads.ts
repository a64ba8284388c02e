import { type Workload, workloadOf } from '../../cost/workload.ts';

/** A workload that is replayed. */
export interface Replayed {
  readonly name: string;
  readonly workload: Workload;
}

/** Queries ask for the last minutes, since more are not replayed. */
const common = { partitions: 2, queriesPerSecond: 0.1, querySeconds: 300, keys: 10_000 };

/** Workloads that differ in what the model has to get right. The clicks of the profile had 10,000 keys. */
export const replayed: readonly Replayed[] = [
  {
    name: 'unpacked',
    workload: workloadOf({ ...common, eventsPerSecond: 40, recordEvents: 1, eventBytes: 191 }),
  },
  {
    name: 'packed',
    workload: workloadOf({ ...common, eventsPerSecond: 400, recordEvents: 100, eventBytes: 191 }),
  },
  {
    name: 'many keys',
    workload: workloadOf({
      ...{ ...common, keys: 100_000 },
      ...{ eventsPerSecond: 400, recordEvents: 100, eventBytes: 191 },
    }),
  },
];

/**
 * A compaction every 64 seconds meets pages of 60 at every age within 15 of them. Before stand six of them, and more
 * pages than a query asks for.
 */
export const span = { seconds: 960, warmSeconds: 384, offsetSeconds: 2, maintainAt: 36.5 };
