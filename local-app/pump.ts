import type { StreamRecord } from '../core/event.ts';
import { indexNotice } from '../core/poison.ts';
import type { Message } from '../core/ports/message-queue.ts';
import type { Processor } from '../core/process.ts';
import { compact } from '../core/view/compact.ts';
import type { App } from './composition.ts';

/** What a pump tells about trouble: it goes on by itself, so this is for people. */
export type OnTrouble = (partition: string, error: unknown) => void;

/** The way of one partition into the journal of one pipeline. */
interface Lane {
  readonly processor: Processor;
  readonly partition: string;
  /** The position to read next; null while it is not known. */
  next: bigint | null;
  caughtUp: boolean;
}

const readRecordsMax = 200;
const batchSecondsMax = 60;
const troubleMs = 1_000;
const emptyReadMs = 10;
const upkeepMs = 60_000;
const lookMs = 100;
const noticesMax = 10;
const noticeSeconds = 60;
const noticeTriesMax = 5;

/**
 * What triggers are in the cloud: reads every partition of the local stream, hands batches to the processors, and
 * goes on from what was acknowledged. Each pipeline has its own way through each partition.
 */
export class Pump {
  private readonly app: App;
  private readonly onTrouble: OnTrouble;
  private lanes: readonly Lane[] | null = null;
  private stopping = false;
  private loops: Promise<unknown> = Promise.resolve();

  constructor(app: App, onTrouble: OnTrouble = () => {}) {
    this.app = app;
    this.onTrouble = onTrouble;
  }

  /** Starts to process, each pipeline and partition on its own, until `stop`. */
  async start(): Promise<void> {
    const loops = (await this.allLanes()).map((lane) => this.loop(lane));
    this.loops = Promise.all([...loops, this.upkeepLoop(), this.earlyLoop(), this.noticeLoop()]);
  }

  private async allLanes(): Promise<readonly Lane[]> {
    if (this.lanes === null) {
      const { stream, processors } = this.app;
      const partitions = await stream.partitions();
      this.lanes = processors.flatMap((processor) =>
        partitions.map(({ id }) => ({ processor, partition: id, next: null, caughtUp: false })),
      );
    }
    return this.lanes;
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
    for (const lane of await this.allLanes()) {
      do await this.step(lane);
      while (!lane.caughtUp);
    }
  }

  /** As `catchUp`, and compacts all of it. For a stream that gets no more events. */
  async drain(): Promise<void> {
    await this.catchUp();
    for (const { id } of await this.app.stream.partitions()) await this.compactAll(id);
  }

  /** Whether every record that was in the stream at the last look is processed. */
  get caughtUp(): boolean {
    return this.lanes?.every((lane) => lane.caughtUp) ?? false;
  }

  private async compactAll(partition: string): Promise<void> {
    const { served, config } = this.app;
    const entriesMax = 4 * config.limits.compactEntries;
    for (const { journal } of served.values()) {
      for (let more = true; more; ) {
        more = (await compact(journal, partition, entriesMax)).entries > 0;
      }
    }
  }

  private async loop(lane: Lane): Promise<void> {
    const { clock, config } = this.app;
    while (!this.stopping) {
      try {
        await this.step(lane);
        if (lane.caughtUp) await clock.sleep(config.batchWindowMs);
      } catch (error) {
        this.onTrouble(lane.partition, error);
        await clock.sleep(troubleMs);
      }
    }
  }

  /** One read and one batch. */
  private async step(lane: Lane): Promise<void> {
    const { stream, clock } = this.app;
    const deadline = clock.now() + batchSecondsMax * 1000;
    // An empty batch commits nothing and says how far the journal is.
    lane.next ??= await this.process(lane, [], deadline);
    const { records, caughtUp } = await stream.read(lane.partition, lane.next, readRecordsMax);
    if (records.length > 0) lane.next = await this.process(lane, records, deadline);
    else if (!caughtUp) await clock.sleep(emptyReadMs);
    lane.caughtUp = caughtUp;
  }

  /** The position to read next: a record that is folded in part is delivered again. */
  private async process(
    lane: Lane,
    records: readonly StreamRecord[],
    deadline: number,
  ): Promise<bigint> {
    const { processor, partition } = lane;
    const { acknowledged, failures } = await processor.process({ partition, records }, deadline);
    if (failures[0] === undefined) return acknowledged.position;
    // Where the journal stands after a failure is not known for sure: ask it again.
    lane.next = null;
    lane.caughtUp = false;
    throw failures[0].error;
  }

  /** Once a minute: maintenance, and what has outlived its retention goes. */
  private async upkeepLoop(): Promise<void> {
    const { clock, maintenance } = this.app;
    for (let at = clock.now(); !this.stopping; await clock.sleep(lookMs)) {
      if (clock.now() - at < upkeepMs) continue;
      at = clock.now();
      const { failures } = await maintenance.run(at + upkeepMs);
      for (const { what, error } of failures) this.onTrouble(what, error);
      try {
        await this.app.sweep();
      } catch (error) {
        this.onTrouble('all', error);
      }
    }
  }

  /** Publishes as often as the shortest interval of early updates says, where that is less than a minute. */
  private async earlyLoop(): Promise<void> {
    const { clock, maintenance, journals } = this.app;
    const views = journals.flatMap(({ plan }) => plan.views);
    const every = Math.min(...views.map(({ publish }) => publish?.early ?? upkeepMs));
    if (every >= upkeepMs) return;
    for (let at = clock.now(); !this.stopping; await clock.sleep(lookMs)) {
      if (clock.now() - at < every) continue;
      at = clock.now();
      const { failures } = await maintenance.publish(at + upkeepMs);
      for (const { what, error } of failures) this.onTrouble(what, error);
    }
  }

  /** Takes the notices of dead letters. One that fails comes again, and rests once it has failed too often. */
  private async noticeLoop(): Promise<void> {
    const { clock, notices } = this.app;
    while (!this.stopping) {
      let taken = 0;
      try {
        const messages = await notices.receive(noticesMax, noticeSeconds);
        taken = messages.length;
        for (const message of messages) await this.takeNotice(message);
      } catch (error) {
        this.onTrouble('notices', error);
      }
      if (taken === 0) await clock.sleep(lookMs);
    }
  }

  private async takeNotice({ body, receipt, deliveries }: Message): Promise<void> {
    const { journals, notices, telemetry } = this.app;
    if (deliveries > noticeTriesMax) return;
    try {
      await indexNotice(journals, telemetry, body);
      await notices.remove(receipt);
    } catch (error) {
      if (deliveries === noticeTriesMax) telemetry.count('poison_notices', 1, {});
      this.onTrouble('notices', error);
    }
  }
}
