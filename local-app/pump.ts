import type { Cursor } from '../core/event.ts';
import { compact } from '../core/view/compact.ts';
import type { App } from './composition.ts';

/** What a pump tells about trouble: it goes on by itself, so this is for people. */
export type OnTrouble = (partition: string, error: unknown) => void;

/** The stream's place in one partition. */
interface Place {
  next: bigint;
  caughtUp: boolean;
}

const readRecordsMax = 200;
const batchSecondsMax = 60;
const troubleMs = 1_000;
const sweepMs = 60_000;

/**
 * What triggers are in the cloud: reads every partition of the local stream, hands batches to the processor, and
 * goes on from what was acknowledged.
 */
export class Pump {
  private readonly app: App;
  private readonly onTrouble: OnTrouble;
  private readonly places = new Map<string, Place>();
  private stopping = false;
  private loops: Promise<unknown> = Promise.resolve();

  constructor(app: App, onTrouble: OnTrouble = () => {}) {
    this.app = app;
    this.onTrouble = onTrouble;
  }

  /** Starts to process, each partition on its own, until `stop`. */
  async start(): Promise<void> {
    const partitions = await this.app.stream.partitions();
    const loops = partitions.map(({ id }) => this.loop(id));
    this.loops = Promise.all([...loops, this.sweepLoop()]);
  }

  /** Finishes the batches under way. What is behind them stays in the stream. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.loops;
  }

  /**
   * Processes what the stream holds now.
   *
   * @throws the error of a pipeline that can't go on.
   */
  async catchUp(): Promise<void> {
    for (const { id } of await this.app.stream.partitions()) {
      for (let done = false; !done; ) {
        const { failures, caughtUp } = await this.step(id);
        if (failures[0]) throw failures[0].error;
        done = caughtUp;
      }
    }
  }

  /** As `catchUp`, and compacts all of it. For a stream that gets no more events. */
  async drain(): Promise<void> {
    await this.catchUp();
    for (const { id } of await this.app.stream.partitions()) await this.compactAll(id);
  }

  /** Whether every record that was in the stream at the last look is processed. */
  get caughtUp(): boolean {
    return this.places.size > 0 && [...this.places.values()].every((place) => place.caughtUp);
  }

  private async compactAll(partition: string): Promise<void> {
    const { clock, served, config } = this.app;
    for (const { journal } of served.values()) {
      for (let more = true; more; ) {
        const options = { now: clock.now(), entriesMax: 4 * config.limits.compactEntries };
        more = (await compact(journal, partition, options)).entries > 0;
      }
    }
  }

  private async loop(partition: string): Promise<void> {
    const { clock, config } = this.app;
    while (!this.stopping) {
      try {
        const { failures, caughtUp } = await this.step(partition);
        for (const { error } of failures) this.onTrouble(partition, error);
        if (failures.length > 0) await clock.sleep(troubleMs);
        else if (caughtUp) await clock.sleep(config.batchWindowMs);
      } catch (error) {
        this.onTrouble(partition, error);
        await clock.sleep(troubleMs);
      }
    }
  }

  /** One read and one batch. */
  private async step(partition: string) {
    const { stream, processor, clock } = this.app;
    const deadline = clock.now() + batchSecondsMax * 1000;
    const place = await this.place(partition, deadline);
    const { records, caughtUp } = await stream.read(partition, place.next, readRecordsMax);
    if (records.length === 0) {
      place.caughtUp = caughtUp;
      return { failures: [], caughtUp };
    }
    const outcome = await processor.process({ partition, records }, deadline);
    place.next = positionOf(outcome.acknowledged);
    place.caughtUp = caughtUp && outcome.failures.length === 0;
    return { failures: outcome.failures, caughtUp: place.caughtUp };
  }

  private async place(partition: string, deadline: number): Promise<Place> {
    const held = this.places.get(partition);
    if (held) return held;
    // An empty batch commits nothing and says how far the journals are.
    const outcome = await this.app.processor.process({ partition, records: [] }, deadline);
    if (outcome.failures[0]) throw outcome.failures[0].error;
    const place = { next: positionOf(outcome.acknowledged), caughtUp: false };
    this.places.set(partition, place);
    return place;
  }

  private async sweepLoop(): Promise<void> {
    const { clock } = this.app;
    for (let at = clock.now(); !this.stopping; await clock.sleep(100)) {
      if (clock.now() - at < sweepMs) continue;
      at = clock.now();
      try {
        await this.app.sweep();
      } catch (error) {
        this.onTrouble('all', error);
      }
    }
  }
}

/** The record to read next: one that is folded in part is delivered again. */
function positionOf({ position }: Cursor): bigint {
  return position;
}
