import { compression } from '../adapters/compression.ts';
import { ManualClock } from '../adapters/memory/manual-clock.ts';
import { MemoryEventPublisher } from '../adapters/memory/memory-event-publisher.ts';
import { MemoryLog } from '../adapters/memory/memory-log.ts';
import { MemoryMessageQueue } from '../adapters/memory/memory-message-queue.ts';
import { MemoryObjectStore } from '../adapters/memory/memory-object-store.ts';
import { memorySinks } from '../adapters/memory/memory-sinks.ts';
import { MemoryStreamReader } from '../adapters/memory/memory-stream-reader.ts';
import { MemoryTelemetry } from '../adapters/memory/memory-telemetry.ts';
import { type Engine, engineOf, type Served } from '../core/engine.ts';
import { type Batch, timeMin } from '../core/event.ts';
import { bucketOf } from '../core/hash.ts';
import { partitionKeyOf } from '../core/ingest.ts';
import { addCounts, assertConserved, type Counts, noCounts } from '../core/journal/counts.ts';
import { defaultLimits } from '../core/limits.ts';
import type { Pipeline } from '../core/pipeline.ts';
import { unpack } from '../core/record/unpack.ts';
import { parseRfc3339 } from '../core/schema/rfc3339.ts';
import { CrashingStateStore } from './crashes.ts';

/** Virtual time on which to sleep is to let the time pass at once. */
class LeapingClock extends ManualClock {
  override async sleep(ms: number): Promise<void> {
    this.set(this.now() + ms);
  }
}

/** What the records of a stream may hold. */
export type Body = object | string;

const utf8 = new TextEncoder();
const budgetMs = 60_000;
const roundMs = 60_000;
const roundsMax = 60;
const recordsMax = 1_000_000;

/**
 * A host of one pipeline in memory, on virtual time: the core as it runs on every host, over the memory adapters. Its
 * instance processes batches as they are delivered, ends when it is told to, and is followed by a new one.
 */
export class MemoryHost {
  readonly store = new CrashingStateStore();
  readonly clock = new LeapingClock();
  private readonly pipeline: Pipeline;
  private readonly log: MemoryLog;
  private readonly publisher: MemoryEventPublisher;
  private readonly parts: Omit<Parameters<typeof engineOf>[0], 'pipelines'>;
  /** The running instance. */
  private engine: Engine;
  /** The batches of the last delivery. */
  private batches: readonly Batch[] = [];
  private readonly delivered: bigint[];
  /** Events published so far, as the core counts them. */
  private published = 0;
  /** Once somebody has set the clock, events don't move it. */
  private isSet = false;

  constructor(pipeline: Pipeline, partitions: number) {
    this.pipeline = pipeline;
    this.log = new MemoryLog(partitions);
    this.delivered = Array.from({ length: partitions }, () => 0n);
    this.publisher = new MemoryEventPublisher(this.log, this.clock);
    const objects = new MemoryObjectStore();
    this.parts = {
      ...{ store: this.store, clock: this.clock, compression, limits: defaultLimits },
      ...{ objects, sinks: memorySinks(pipeline, this.clock, objects) },
      notices: new MemoryMessageQueue(this.clock),
      stream: new MemoryStreamReader(this.log),
      telemetry: new MemoryTelemetry(),
      ...{ random: () => 0.5, retentionSeconds: 7 * 86_400, idle: 'clock', lagMs: 0 },
    };
    this.engine = this.start();
  }

  /** The journal and a reader of it. */
  get served(): Served {
    return this.engine.served.get(this.pipeline.name) as Served;
  }

  /** Publishes events, one per record, and delivers all of them in one batch per partition. */
  async deliver(bodies: readonly Body[]): Promise<void> {
    if (!this.isSet) this.follow(bodies);
    const bucketCount = this.log.partitions;
    for (const body of bodies) {
      const bucket = bucketOf(partitionKeyOf(body, this.pipeline.plan), bucketCount);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const record = { bucket, bucketCount, body: utf8.encode(text) };
      const [outcome] = await this.publisher.publish([record]);
      if (outcome !== 'accepted') throw new Error(`the stream took no event: ${outcome}`);
    }
    this.batches = this.delivered.map((from, partition) => ({
      partition: String(partition),
      records: this.log.read(partition, from, recordsMax),
    }));
    for (const [partition, { records }] of this.batches.entries()) {
      for (const record of records) {
        this.published += unpack(record, compression, defaultLimits).values.length;
        this.delivered[partition] = record.position + 1n;
      }
    }
    await this.process();
  }

  /** Delivers the last batch again, to a new instance. */
  async redeliver(): Promise<void> {
    this.engine = this.start();
    await this.process();
  }

  /** Lets time pass up to an instant, epoch milliseconds, with a round of maintenance each minute, but no more than sixty. */
  async pass(to: number): Promise<void> {
    const from = this.clock.now();
    if (to < from) {
      throw new Error(`time can't go back from ${iso(from)} to ${iso(to)}`);
    }
    // Before the first event there is nothing to maintain, and no time from which it could pass.
    if (this.published > 0) {
      const step = Math.max(roundMs, (to - from) / roundsMax);
      for (let at = from; at < to; at += step) await this.maintain(Math.floor(at));
      await this.maintain(to);
    }
    this.clock.set(to);
  }

  /** As `pass`, and from now on events arrive when the clock says, not when they happen. */
  async setTime(to: number): Promise<void> {
    await this.pass(to);
    this.isSet = true;
  }

  /**
   * The counts of all partitions, which must be conserved: each event that was published is in one of them, once.
   *
   * @throws MillraceError `bug` when they are not.
   */
  async counts(): Promise<Counts> {
    const { plan } = this.pipeline;
    let counts = noCounts(plan.views.length);
    for (const { counts: more } of await this.served.reader.partitions()) {
      counts = addCounts(counts, more);
    }
    assertConserved(counts, plan.name);
    if (counts.received !== this.published || counts.lost !== 0) {
      const text = `${this.published} events were given, ${counts.received} were received`;
      throw new Error(`the conservation law is broken: ${text}, ${counts.lost} are lost`);
    }
    return counts;
  }

  /** A new instance: it knows nothing but what the stores hold. */
  private start(): Engine {
    return engineOf({ ...this.parts, pipelines: [this.pipeline] });
  }

  private async process(): Promise<void> {
    while (!(await this.store.survives(() => this.processAll()))) this.engine = this.start();
  }

  private async processAll(): Promise<void> {
    const { processor } = this.engine;
    for (const batch of this.batches) {
      const { failures } = await processor.process(batch, this.clock.now() + budgetMs);
      for (const { error } of failures) throw error;
    }
  }

  private async maintain(at: number): Promise<void> {
    this.clock.set(at);
    const { failures } = await this.engine.maintenance.run(at + budgetMs);
    for (const { error } of failures) throw error;
  }

  /** Events arrive when the latest of them happens. */
  private follow(bodies: readonly Body[]): void {
    const times = bodies.map((body) => this.timeOf(body));
    this.clock.set(Math.max(this.clock.now(), ...times));
  }

  private timeOf(body: Body): number {
    if (typeof body === 'string') return timeMin;
    try {
      const time = this.pipeline.plan.time(body as never);
      const ms = typeof time === 'string' ? parseRfc3339(time) : Number(time);
      return Number.isNaN(ms) ? timeMin : Math.floor(ms);
    } catch {
      // What has no time is a dead letter, and says nothing of when it came.
      return timeMin;
    }
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
