import { compression } from '../../adapters/compression.ts';
import type { Fault } from '../../adapters/memory/fault.ts';
import { MemoryLog } from '../../adapters/memory/memory-log.ts';
import { MemoryMessageQueue } from '../../adapters/memory/memory-message-queue.ts';
import { MemoryObjectStore } from '../../adapters/memory/memory-object-store.ts';
import { MemoryStateStore } from '../../adapters/memory/memory-state-store.ts';
import { MemoryStreamReader } from '../../adapters/memory/memory-stream-reader.ts';
import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import type { StreamRecord } from '../../core/event.ts';
import { entryPages, load } from '../../core/journal/load.ts';
import { readFinality } from '../../core/journal/partitions.ts';
import { defaultLimits, type Limits } from '../../core/limits.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { Clock } from '../../core/ports/clock.ts';
import type { StateStore } from '../../core/ports/state-store.ts';
import type { StreamReader } from '../../core/ports/stream-reader.ts';
import { Processor } from '../../core/process.ts';
import type { AnyQuery } from '../../core/query/query.ts';
import { Reader } from '../../core/query/reader.ts';
import { compact } from '../../core/view/compact.ts';
import type { PageContext } from '../../core/view/page.ts';

/** Most tests hand their records to the processor, so the log has none to fill a gap with. */
class FedStream extends MemoryStreamReader {
  override readonly contiguous: boolean = false;
}

/** A clock on which to sleep is to let the time pass at once. */
export class LeapingClock extends Clock {
  time: number;
  /** Every sleep asked for, milliseconds. */
  readonly sleeps: number[] = [];

  constructor(time: number) {
    super();
    this.time = time;
  }

  override now(): number {
    return this.time;
  }

  override async sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.time += ms;
  }
}

/** What a world may be told. */
export interface WorldOptions {
  readonly limits?: Partial<Limits>;
  readonly partitions?: number;
  readonly itemBytesMax?: number;
  readonly storeFault?: Fault;
  readonly objectFault?: Fault;
  readonly queueFault?: Fault;
}

/** Everything in memory around some pipelines of one stream, at the start of 2002. */
export class World {
  readonly clock: LeapingClock = new LeapingClock(Date.UTC(2002, 0, 1));
  readonly store: MemoryStateStore;
  readonly objects: MemoryObjectStore;
  readonly queue: MemoryMessageQueue;
  readonly log: MemoryLog;
  readonly stream: MemoryStreamReader;
  readonly telemetry: MemoryTelemetry = new MemoryTelemetry();
  readonly journals: readonly PageContext[];
  readonly options: WorldOptions;

  constructor(pipelines: readonly Pipeline[], options: WorldOptions = {}) {
    this.options = options;
    const { itemBytesMax, storeFault, objectFault, queueFault } = options;
    this.store = new MemoryStateStore({
      ...(itemBytesMax === undefined ? {} : { itemBytesMax }),
      ...(storeFault === undefined ? {} : { fault: storeFault }),
    });
    this.objects = new MemoryObjectStore(objectFault === undefined ? {} : { fault: objectFault });
    this.queue = new MemoryMessageQueue(
      this.clock,
      queueFault === undefined ? {} : { fault: queueFault },
    );
    this.log = new MemoryLog(options.partitions ?? 1);
    this.stream = new FedStream(this.log);
    this.journals = pipelines.map((pipeline) => this.journal(pipeline));
  }

  /** A pipeline's journal in this world, over another view of the store if one is given. */
  journal({ plan, name }: Pipeline, store: StateStore = this.store): PageContext {
    return {
      plan,
      store,
      objects: this.objects,
      limits: { ...defaultLimits, ...this.options.limits },
      compression,
      scope: { pipeline: name, generation: 1 },
    };
  }

  /** A new processor, cold. */
  processor(
    journals: readonly PageContext[] = this.journals,
    stream: StreamReader = this.stream,
  ): Processor {
    return new Processor({
      journals,
      notices: this.queue,
      clock: this.clock,
      telemetry: this.telemetry,
      random: () => 0.5,
      stream,
      retentionSeconds: 86_400,
    });
  }

  /** A new reader of a pipeline, cold. */
  reader(pipeline = 0): Reader {
    return new Reader(this.journals[pipeline]!, this.stream, this.clock);
  }

  /** Processes a batch with a minute's budget. */
  process(records: readonly StreamRecord[], partition = '0', by: Processor = this.processor()) {
    return by.process({ partition, records }, this.clock.time + 60_000);
  }

  /** Compacts all of a partition. */
  compact(partition = '0', entriesMax = 1_000, journal: PageContext = this.journals[0]!) {
    return compact(journal, partition, entriesMax);
  }

  /** Makes final all that every partition has passed, as maintenance does; gives what is final now. */
  async settle(journal: PageContext = this.journals[0]!): Promise<number> {
    const stored = await readFinality(journal);
    const { active } = stored!.partitions;
    const ends = await Promise.all(active.map((one) => load(journal, one)));
    const finalTo = Math.min(...ends.map(({ state }) => state.watermark));
    if (finalTo > stored!.partitions.finalTo) await stored!.raise(finalTo);
    return finalTo;
  }

  /** An answer's rows as JSON texts and what stands around them, read cold. */
  async answer(view: string, query: AnyQuery = {}, pipeline = 0): Promise<string> {
    const text = await this.reader(pipeline).queryJson(view, { limit: 10_000, ...query });
    // The token tells how many entries there are, which is no part of the answer.
    return text.replace(/,"token":"[^"]*"}$/, '}');
  }

  /** How many entries a journal has. */
  async entries(partition = '0', pipeline = 0): Promise<number> {
    let entries = 0;
    const range = { partition, from: 0 };
    for await (const items of entryPages(this.journals[pipeline]!, range)) entries += items.length;
    return entries;
  }
}
