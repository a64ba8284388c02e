import { timeMin } from '../event.ts';
import { type Partitions, readPartitions } from '../journal/partitions.ts';
import type { Clock } from '../ports/clock.ts';
import { retry } from '../retry.ts';
import type { PageContext } from '../view/page.ts';
import { type ReadCache, type Snapshot, snapshot, type ViewRange } from './snapshot.ts';
import { WeightedCache } from './weighted-cache.ts';

/** All partitions as one read found them. */
export interface Found {
  readonly partitions: Partitions | null;
  readonly snapshots: readonly Snapshot[];
}

/** Rows that decoded entries and pages may hold in the cache. */
const cacheRowsMax = 2_000_000;

/** For how long a read that fails for a passing reason is tried again: someone waits for the answer. */
const patienceMs = 2_000;

/** Reads of a pipeline's journal for queries: with a cache, and again where a store fails for a passing reason. */
export class PatientReads {
  private readonly context: PageContext;
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly cache: ReadCache = {
    tails: new Map(),
    pages: new WeightedCache(cacheRowsMax),
    lists: new WeightedCache(cacheRowsMax / 4),
  };

  /** 0 <= random() < 1. */
  constructor(context: PageContext, clock: Clock, random: () => number) {
    this.context = context;
    this.clock = clock;
    this.random = random;
  }

  partitions(): Promise<Partitions | null> {
    return this.patiently(() => readPartitions(this.context));
  }

  /** One partition; {@link snapshot} says of what. */
  snapshot(partition: string, range: ViewRange | null, withRows: boolean): Promise<Snapshot> {
    return this.patiently(() => snapshot(this.context, partition, range, this.cache, withRows));
  }

  /** Every partition that was ever seen. */
  async all(rangeOf: (finalTo: number) => ViewRange | null): Promise<Found> {
    const partitions = await this.partitions();
    const range = rangeOf(partitions?.finalTo ?? timeMin);
    const snapshots = await Promise.all(
      // A look is followed by a read if there is anything new: it takes the rows of new entries with it.
      (partitions?.everSeen ?? []).map((partition) => this.snapshot(partition, range, true)),
    );
    return { partitions, snapshots };
  }

  /** The same for another read. */
  patiently<T>(call: () => Promise<T>): Promise<T> {
    const { clock, random } = this;
    return retry({ clock, random, deadline: clock.now() + patienceMs }, call);
  }
}
