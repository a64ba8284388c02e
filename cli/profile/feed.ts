import { compression } from '../../adapters/compression.ts';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { MemoryLog } from '../../adapters/memory/memory-log.ts';
import { MemoryMessageQueue } from '../../adapters/memory/memory-message-queue.ts';
import { MemoryObjectStore } from '../../adapters/memory/memory-object-store.ts';
import { memorySinks } from '../../adapters/memory/memory-sinks.ts';
import { MemoryStateStore } from '../../adapters/memory/memory-state-store.ts';
import { MemoryStreamReader } from '../../adapters/memory/memory-stream-reader.ts';
import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { usageRules } from '../../adapters/usage-rules.ts';
import { type Engine, engineOf } from '../../core/engine.ts';
import type { StreamRecord } from '../../core/event.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { PageContext } from '../../core/view/page.ts';
import { type Counted, CountingStore } from './counting-store.ts';

const lines = new TextEncoder();
const newline = '\n';
const retentionSeconds = 86_400;

/** The body of a record of events, as the publisher packs it: zstd where that is smaller, one alone as it is. */
export function bodyOf(events: readonly string[]): Uint8Array {
  const plain = lines.encode(events.join(newline));
  if (events.length === 1) return plain;
  const packed = compression.compress(plain);
  return packed.length < plain.length ? packed : plain;
}

/** Records of so many events each, all of one partition. */
export function recordsOf(
  events: readonly string[],
  recordEvents: number,
  arrival: number,
): StreamRecord[] {
  const records: StreamRecord[] = [];
  for (let i = 0; i < events.length; i += recordEvents) {
    const body = bodyOf(events.slice(i, i + recordEvents));
    records.push({ position: BigInt(records.length), partitionKey: '0', arrival, body });
  }
  return records;
}

/** A pipeline over adapters in memory, whose store counts. */
export interface World {
  readonly store: CountingStore;
  readonly log: MemoryLog;
  readonly clock: ManualClock;
  readonly engine: Engine;
  readonly journal: PageContext;
}

/** Puts a pipeline together over a stream of so many partitions. */
export function worldOf(pipeline: Pipeline, partitions: number, now: number): World {
  const clock = new ManualClock(now);
  const store = new CountingStore(new MemoryStateStore());
  const log = new MemoryLog(partitions);
  const objects = new MemoryObjectStore();
  const engine = engineOf({
    pipelines: [pipeline],
    ...{ store, clock, compression, retentionSeconds },
    ...{ objects, sinks: memorySinks(pipeline, clock, objects) },
    notices: new MemoryMessageQueue(clock),
    stream: new MemoryStreamReader(log),
    telemetry: new MemoryTelemetry(),
    limits: defaultLimits,
    random: () => 0.5,
    idle: 'clock',
    lagMs: 0,
    usageRules,
  });
  return { store, log, clock, engine, journal: engine.journals[0] as PageContext };
}

/** What processing some events in batches took. */
export interface Fed {
  readonly world: World;
  readonly batches: number;
  readonly counted: Counted;
  /** CPU of all threads, milliseconds. */
  readonly cpuMs: number;
  /** The most of the heap, and beside it, above what it was before, bytes. */
  readonly heapBytes: number;
}

/**
 * Brings events through the processor, `batchEvents` at a time, as it says each time, in records of `recordEvents`.
 *
 * @throws MillraceError what processing throws.
 */
export async function feed(
  pipeline: Pipeline,
  events: readonly string[],
  batchEvents: number | (() => number),
  recordEvents: number,
): Promise<Fed> {
  const now = Date.now();
  const world = worldOf(pipeline, 1, now);
  const records = recordsOf(events, recordEvents, now);
  const next = typeof batchEvents === 'number' ? () => batchEvents : batchEvents;
  let batches = 0;
  const start = heap();
  let most = start;
  const before = process.cpuUsage();
  for (let i = 0; i < records.length; ) {
    const size = Math.max(1, Math.round(next() / recordEvents));
    const batch = { partition: '0', records: records.slice(i, i + size) };
    i += size;
    const { failures } = await world.engine.processor.process(batch, now + 60_000);
    if (failures[0] !== undefined) throw failures[0].error;
    batches += 1;
    most = Math.max(most, heap());
  }
  const { user, system } = process.cpuUsage(before);
  const counted = world.store.take();
  const cpuMs = (user + system) / 1_000;
  return { world, batches, counted, cpuMs, heapBytes: most - start };
}

function heap(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
