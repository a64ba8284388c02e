import { Commit, type Warm } from './commit.ts';
import { type Batch, type Cursor, compareCursors, start } from './event.ts';
import { Mutex } from './mutex.ts';
import type { Clock } from './ports/clock.ts';
import type { MessageQueue } from './ports/message-queue.ts';
import type { StreamReader } from './ports/stream-reader.ts';
import type { Telemetry } from './ports/telemetry.ts';
import { References } from './references/references.ts';
import type { PageContext } from './view/page.ts';

/** All that processing needs from outside. */
export interface ProcessorParts {
  /** One journal per pipeline of the stream. */
  readonly journals: readonly PageContext[];
  /** Gets a notice for each object of dead letters. */
  readonly notices: MessageQueue;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly random: () => number;
  /** Where new journals start, and where records come from that were never delivered. */
  readonly stream: StreamReader;
  /** How long the stream keeps records, seconds: entries live at least twice as long. */
  readonly retentionSeconds: number;
}

/** What became of a batch. */
export interface Outcome {
  /** Everything before it is committed by every pipeline: what may be acknowledged. */
  readonly acknowledged: Cursor;
  /** The pipelines that did not get to the end of the batch, and why. */
  readonly failures: readonly { readonly pipeline: string; readonly error: unknown }[];
}

/**
 * Brings batches into the journals: load, fold, commit, acknowledge. The only retry loop of the write path. Safe
 * under redelivery, lost answers, and any number of other processors of the same partition.
 */
export class Processor {
  private readonly parts: ProcessorParts;
  private readonly warm = new Map<string, Warm>();
  private readonly mutex = new Mutex();
  private readonly references: ReadonlyMap<PageContext, References>;

  constructor(parts: ProcessorParts) {
    this.parts = parts;
    this.references = new Map(
      parts.journals.map((journal) => [journal, new References(journal, parts.clock)]),
    );
  }

  /**
   * Commits a batch to the journal of every pipeline, side by side; one that fails does not hold back
   * the rest. Never throws for what is in the batch.
   *
   * @param deadline epoch milliseconds; what is committed by then stays, the rest is for the next delivery.
   */
  process(batch: Batch, deadline: number): Promise<Outcome> {
    return this.mutex.run(batch.partition, () => this.processAlone(batch, deadline));
  }

  private async processAlone(batch: Batch, deadline: number): Promise<Outcome> {
    // Side by side: one that waits for its store does not use up the time of the others.
    const outcomes = await Promise.all(
      this.parts.journals.map((journal) => this.commit(journal, batch, deadline)),
    );
    const [first, ...rest] = outcomes.map(({ next }) => next);
    return {
      acknowledged: rest.reduce(
        (least, next) => (compareCursors(next, least) < 0 ? next : least),
        first ?? start,
      ),
      failures: outcomes.flatMap(({ failure }) => failure ?? []),
    };
  }

  private async commit(
    journal: PageContext,
    batch: Batch,
    deadline: number,
  ): Promise<{ readonly next: Cursor; readonly failure: Outcome['failures'][number] | null }> {
    const { clock, random, telemetry } = this.parts;
    const { pipeline } = journal.scope;
    const key = `${pipeline}/${batch.partition}`;
    const budget = { clock, random, deadline };
    const references = this.references.get(journal) as References;
    const commit = new Commit(this.parts, journal, references, batch.partition, budget);
    const run = (): Promise<Warm> => commit.run(this.fresh(key), batch.records);
    // Who hands over nothing only asks: that is no batch.
    const tally = batch.records.length > 0 ? journal.tally : undefined;
    try {
      const warm = await (tally?.batch(() => clock.now(), run) ?? run());
      this.warm.set(key, warm);
      return { next: warm.state.next, failure: null };
    } catch (error) {
      // A state that a failed run may have half advanced is void.
      this.warm.delete(key);
      telemetry.count('process_failures', 1, { pipeline, partition: batch.partition });
      return { next: commit.committed ?? start, failure: { pipeline, error } };
    }
  }

  private fresh(key: string): Warm | null {
    const warm = this.warm.get(key);
    // The run that gets the state owns it: an invocation that is cut off must not leave it to others.
    this.warm.delete(key);
    if (warm === undefined) return null;
    const { limits } = this.parts.journals[0] as PageContext;
    const age = this.parts.clock.now() - warm.verifiedAt;
    return age <= limits.warmStateSecondsMax * 1000 ? warm : null;
  }
}
