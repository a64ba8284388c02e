import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Container } from 'inversify';
import { compression } from '../adapters/compression.ts';
import { openLocalDatabase } from '../adapters/local/local-database.ts';
import { LocalEventPublisher } from '../adapters/local/local-event-publisher.ts';
import { LocalLog } from '../adapters/local/local-log.ts';
import { LocalMessageQueue } from '../adapters/local/local-message-queue.ts';
import { LocalObjectStore } from '../adapters/local/local-object-store.ts';
import { LocalStateStore } from '../adapters/local/local-state-store.ts';
import { LocalStreamReader } from '../adapters/local/local-stream-reader.ts';
import { MemoryEventPublisher } from '../adapters/memory/memory-event-publisher.ts';
import { MemoryLog } from '../adapters/memory/memory-log.ts';
import { MemoryMessageQueue } from '../adapters/memory/memory-message-queue.ts';
import { MemoryObjectStore } from '../adapters/memory/memory-object-store.ts';
import { MemoryStateStore } from '../adapters/memory/memory-state-store.ts';
import { MemoryStreamReader } from '../adapters/memory/memory-stream-reader.ts';
import { MemoryTelemetry } from '../adapters/memory/memory-telemetry.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { usageRules } from '../adapters/usage-rules.ts';
import { type Engine, engineOf } from '../core/engine.ts';
import { type Needed, stillNeeded } from '../core/journal/needed.ts';
import { Clock } from '../core/ports/clock.ts';
import { EventPublisher } from '../core/ports/event-publisher.ts';
import { MessageQueue } from '../core/ports/message-queue.ts';
import { ObjectStore } from '../core/ports/object-store.ts';
import { StateStore } from '../core/ports/state-store.ts';
import { StreamReader } from '../core/ports/stream-reader.ts';
import { Telemetry } from '../core/ports/telemetry.ts';
import { PackingPublisher } from '../core/publish/packing-publisher.ts';
import type { LocalConfig } from './config.ts';
import { sinksOf } from './sinks.ts';

/** The parts of an embedded Millrace, put together. */
export interface App extends Engine {
  readonly config: LocalConfig;
  readonly publisher: PackingPublisher;
  readonly stream: StreamReader;
  readonly store: StateStore;
  readonly objects: ObjectStore;
  readonly notices: MessageQueue;
  /** A queue of results by name, for those who take them in this process. */
  readonly queue: (name: string) => MessageQueue;
  readonly clock: Clock;
  readonly telemetry: MemoryTelemetry;
  /** Removes what has outlived its retention and is not needed any more: expired items, old records. */
  sweep(): Promise<void>;
  /** Closes the files. Publisher and processor must be at rest. */
  close(): void;
}

/** The one database file of a data folder. */
export const databaseFile = 'millrace.db';

/** Removes what has outlived its retention at `now`, epoch milliseconds. */
type Remove = (now: number, needed: Needed) => void;

/** What differs between memory and a data folder once the ports are bound. */
interface Adapters {
  readonly remove: Remove;
  readonly queue: (name: string) => MessageQueue;
  readonly close: () => void;
}

/**
 * Puts an embedded Millrace together: memory adapters, or those of a data folder.
 *
 * @throws MillraceError `definition` for a folder made with other settings, `unavailable` for one that can't be used.
 */
export function compose(config: LocalConfig): App {
  const container = new Container({ defaultScope: 'Singleton' });
  const telemetry = new MemoryTelemetry();
  container.bind(Clock).toResolvedValue(() => new SystemClock());
  container.bind(Telemetry).toConstantValue(telemetry);
  const adapters =
    config.data === null
      ? bindMemory(container, config)
      : bindLocal(container, config, config.data);
  const clock = container.get(Clock);
  const stream = container.get(StreamReader);
  const sinks = sinksOf(config.sinks, {
    ...{ clock, objects: container.get(ObjectStore), queue: adapters.queue },
    partitions: config.partitions,
  });
  const engine = engineOf({
    ...{
      pipelines: config.pipelines,
      limits: config.limits,
      clock,
      telemetry,
      compression,
      stream,
    },
    store: container.get(StateStore),
    objects: container.get(ObjectStore),
    notices: container.get(MessageQueue),
    sinks: sinks.byName,
    random: Math.random,
    retentionSeconds: config.retentionSeconds,
    lagMs: 1_000,
    idle: config.idle,
    usageRules,
  });
  container.bind(PackingPublisher).toResolvedValue(
    (publisher, at) =>
      new PackingPublisher(
        { publisher, clock: at, compression, random: Math.random },
        // One bucket per partition keeps events in the order in which they were sent.
        { bucketCount: config.partitions, packLingerMs: config.packLingerMs },
      ),
    [EventPublisher, Clock],
  );
  const sweep = async (): Promise<void> => {
    adapters.remove(clock.now(), await stillNeeded(engine.journals));
  };
  return {
    ...engine,
    ...{ config, stream, clock, telemetry, sweep, queue: adapters.queue },
    close: () => {
      sinks.close();
      adapters.close();
    },
    publisher: container.get(PackingPublisher),
    store: container.get(StateStore),
    objects: container.get(ObjectStore),
    notices: container.get(MessageQueue),
  };
}

function bindMemory(container: Container, { partitions, retentionSeconds }: LocalConfig): Adapters {
  const log = new MemoryLog(partitions);
  const store = new MemoryStateStore();
  container.bind(StateStore).toConstantValue(store);
  container.bind(ObjectStore).toResolvedValue(() => new MemoryObjectStore());
  container.bind(MessageQueue).toResolvedValue((clock) => new MemoryMessageQueue(clock), [Clock]);
  container
    .bind(EventPublisher)
    .toResolvedValue((clock) => new MemoryEventPublisher(log, clock), [Clock]);
  container.bind(StreamReader).toResolvedValue(() => new MemoryStreamReader(log));
  const remove: Remove = (now, needed) => {
    store.sweep(now / 1000, needed.item);
    log.trim(now - retentionSeconds * 1000, needed.record);
  };
  const queues = new Map<string, MessageQueue>();
  const queue = (name: string): MessageQueue => {
    const made = queues.get(name) ?? new MemoryMessageQueue(container.get(Clock));
    queues.set(name, made);
    return made;
  };
  return { remove, queue, close: () => {} };
}

function bindLocal(
  container: Container,
  { partitions, retentionSeconds }: LocalConfig,
  folder: string,
): Adapters {
  mkdirSync(folder, { recursive: true });
  const database: DatabaseSync = openLocalDatabase(join(folder, databaseFile));
  const log = new LocalLog(database, partitions);
  const store = new LocalStateStore(database);
  container.bind(StateStore).toConstantValue(store);
  container.bind(ObjectStore).toResolvedValue(() => new LocalObjectStore(join(folder, 'objects')));
  container
    .bind(MessageQueue)
    .toResolvedValue((clock) => new LocalMessageQueue(database, clock), [Clock]);
  container
    .bind(EventPublisher)
    .toResolvedValue((clock) => new LocalEventPublisher(log, clock), [Clock]);
  container.bind(StreamReader).toResolvedValue(() => new LocalStreamReader(log));
  return {
    remove: (now, needed) => {
      store.sweep(now / 1000, needed.item);
      log.trim(now - retentionSeconds * 1000, needed.record);
    },
    queue: (name) => new LocalMessageQueue(database, container.get(Clock), { queue: name }),
    close: () => database.close(),
  };
}
