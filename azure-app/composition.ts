import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { CosmosClient } from '@azure/cosmos';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { Container } from 'inversify';
import { BlobObjectStore } from '../adapters/azure/blob-object-store.ts';
import { BlobStateStore } from '../adapters/azure/blob-state-store.ts';
import { cosmosClientOptions } from '../adapters/azure/cosmos-client-options.ts';
import { CosmosStateStore } from '../adapters/azure/cosmos-state-store.ts';
import { EventHubsEventPublisher } from '../adapters/azure/event-hubs-event-publisher.ts';
import { EventHubsStreamReader } from '../adapters/azure/event-hubs-stream-reader.ts';
import { figuresLine } from '../adapters/azure/figures-line.ts';
import { QueueMessageQueue } from '../adapters/azure/queue-message-queue.ts';
import { compression } from '../adapters/compression.ts';
import { LogTelemetry } from '../adapters/log-telemetry.ts';
import { QueueResultSink } from '../adapters/sinks/queue-result-sink.ts';
import { StreamResultSink } from '../adapters/sinks/stream-result-sink.ts';
import { WebhookResultSink } from '../adapters/sinks/webhook-result-sink.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { usageRules } from '../adapters/usage-rules.ts';
import { type Engine, engineOf } from '../core/engine.ts';
import type { Sinks } from '../core/finals/publishing.ts';
import { stillNeeded } from '../core/journal/needed.ts';
import { Clock } from '../core/ports/clock.ts';
import { EventPublisher } from '../core/ports/event-publisher.ts';
import { MessageQueue } from '../core/ports/message-queue.ts';
import { ObjectStore } from '../core/ports/object-store.ts';
import type { ResultSink } from '../core/ports/result-sink.ts';
import { StateStore } from '../core/ports/state-store.ts';
import { StreamReader } from '../core/ports/stream-reader.ts';
import { Telemetry } from '../core/ports/telemetry.ts';
import { PackingPublisher } from '../core/publish/packing-publisher.ts';
import type { AzureConfig, StateStoreConfig } from './config.ts';

/** The parts of a Millrace on Azure, put together. */
export interface App extends Engine {
  readonly config: AzureConfig;
  readonly publisher: PackingPublisher;
  readonly clock: Clock;
  readonly telemetry: LogTelemetry;
  /** How many notices the host has put aside, which `poison` failed five times. */
  poisoned(): Promise<number>;
  /** Removes what the state store does not remove by itself. */
  sweep(): Promise<void>;
  /** Closes the connections. */
  close(): Promise<void>;
}

/** What the clients share: no retries, since the core retries within the time that a batch has. */
const once = { maxRetries: 0, timeoutInMs: 15_000 };
/** The client waits so long for the answer to a send even when the connection is gone, and so does who sent it. */
const sendOnce = { maxRetries: 0, timeoutInMs: 5_000 };
const storageOptions = { retryOptions: { maxTries: 1 } };
/** The hub is asked for an answer's lag at most so often, milliseconds. */
const lagMs = 15_000;
const figuresSeconds = 60;

/** Puts a Millrace on Azure together. It connects when it is first used. */
export async function compose(config: AzureConfig): Promise<App> {
  const container = new Container({ defaultScope: 'Singleton' });
  const identity = await credential(config);
  // The host takes what is printed as lines of the log.
  const write = (line: string): void => console.log(line);
  const telemetry = new LogTelemetry({
    clock: new SystemClock(),
    ...{ write, format: figuresLine, everySeconds: figuresSeconds },
  });
  container.bind(Clock).toResolvedValue(() => new SystemClock());
  container.bind(Telemetry).toConstantValue(telemetry);
  const { producerOf, producer, consumer } = bindStream(container, config, identity);
  const { blobs, queueOf, putAside } = bindStorage(container, config, identity);
  const sinks = sinksOf(container, config, { producerOf, queueOf });
  const sweepBefore = bindStateStore(container, config.stateStore, blobs, identity);
  container
    .bind(PackingPublisher)
    .toResolvedValue(
      (publisher, clock) =>
        new PackingPublisher(
          { publisher, clock, compression, random: Math.random },
          { bucketCount: config.bucketCount, packLingerMs: config.packLingerMs },
        ),
      [EventPublisher, Clock],
    );
  const clock = container.get(Clock);
  const engine = engineOf({
    ...config,
    ...{ clock, telemetry, compression, lagMs, idle: 'clock', random: Math.random },
    usageRules,
    stream: container.get(StreamReader),
    store: container.get(StateStore),
    objects: container.get(ObjectStore),
    notices: container.get(MessageQueue),
    sinks: sinks.byName,
  });
  const publisher = container.get(PackingPublisher);
  return {
    ...engine,
    ...{ config, publisher, clock, telemetry },
    poisoned: () => putAside.depth(),
    sweep: () => sweepBefore(clock.now(), engine),
    async close() {
      await publisher.close();
      await Promise.all([producer.close(), consumer.close(), sinks.close()]);
    },
  };
}

/** The app's identity; loaded only where one is used, since it is the largest part of the bundle. */
async function credential(config: AzureConfig): Promise<TokenCredential | null> {
  const { eventHubs, storage, stateStore, identityClientId } = config;
  const kinds = [
    eventHubs,
    storage,
    ...(stateStore.kind === 'cosmos' ? [stateStore.connection] : []),
  ];
  if (kinds.every(({ kind }) => kind === 'connection-string')) return null;
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential(
    identityClientId === null ? {} : { managedIdentityClientId: identityClientId },
  );
}

function bindStream(
  container: Container,
  { eventHubs, eventHub, readerGroup }: AzureConfig,
  identity: TokenCredential | null,
) {
  const options = { retryOptions: once };
  const sending = { retryOptions: sendOnce };
  // A connection string that names a hub is for that one alone.
  const producerOf = (hub: string): EventHubProducerClient =>
    eventHubs.kind === 'connection-string'
      ? new EventHubProducerClient(eventHubs.value.replace(/;EntityPath=[^;]*/, ''), hub, sending)
      : new EventHubProducerClient(
          ...([eventHubs.fullyQualifiedNamespace, hub, needed(identity), sending] as const),
        );
  const consumer =
    eventHubs.kind === 'connection-string'
      ? new EventHubConsumerClient(readerGroup, eventHubs.value, eventHub, options)
      : new EventHubConsumerClient(
          readerGroup,
          ...([eventHubs.fullyQualifiedNamespace, eventHub, needed(identity), options] as const),
        );
  const producer = producerOf(eventHub);
  container.bind(EventPublisher).toResolvedValue(() => new EventHubsEventPublisher(producer));
  container.bind(StreamReader).toResolvedValue(() => new EventHubsStreamReader(consumer));
  return { producerOf, producer, consumer };
}

/** What opens the places of sinks. */
interface SinkPlaces {
  readonly producerOf: (hub: string) => EventHubProducerClient;
  readonly queueOf: (queue: string) => QueueMessageQueue;
}

/** A sink's queue is one of the storage account, its stream a hub of the namespace; both by name. */
function sinksOf(
  container: Container,
  { sinks, bucketCount }: AzureConfig,
  { producerOf, queueOf }: SinkPlaces,
): { readonly byName: Sinks; readonly close: () => Promise<unknown> } {
  const clock = container.get(Clock);
  const producers: EventHubProducerClient[] = [];
  const made = Object.entries(sinks).map(([name, sink]): [string, ResultSink] => {
    if (sink.kind === 'webhook') return [name, new WebhookResultSink(sink, clock)];
    if (sink.kind === 'stream') {
      const producer = producerOf(sink.place);
      producers.push(producer);
      return [name, new StreamResultSink(new EventHubsEventPublisher(producer), bucketCount)];
    }
    return [name, new QueueResultSink(queueOf(sink.place), container.get(ObjectStore))];
  });
  const close = () => Promise.all(producers.map((producer) => producer.close()));
  return { byName: new Map(made), close };
}

function bindStorage(
  container: Container,
  { storage, objectsContainer, noticesQueue }: AzureConfig,
  identity: TokenCredential | null,
) {
  const [blobs, queues] =
    storage.kind === 'connection-string'
      ? [
          BlobServiceClient.fromConnectionString(storage.value, storageOptions),
          QueueServiceClient.fromConnectionString(storage.value, storageOptions),
        ]
      : [
          new BlobServiceClient(storage.blobServiceUri, needed(identity), storageOptions),
          new QueueServiceClient(storage.queueServiceUri, needed(identity), storageOptions),
        ];
  const objects = blobs.getContainerClient(objectsContainer);
  const queueOf = (name: string) => new QueueMessageQueue(queues.getQueueClient(name));
  container.bind(ObjectStore).toResolvedValue(() => new BlobObjectStore(objects));
  container.bind(MessageQueue).toResolvedValue(() => queueOf(noticesQueue));
  // The host's own name for it.
  const putAside = queueOf(`${noticesQueue}-poison`);
  return { blobs, queueOf, putAside };
}

type Sweep = (now: number, engine: Engine) => Promise<void>;

/** Binds the state store and gives what removes its expired items: Cosmos DB does that by itself. */
function bindStateStore(
  container: Container,
  config: StateStoreConfig,
  blobs: BlobServiceClient,
  identity: TokenCredential | null,
): Sweep {
  if (config.kind === 'blob') {
    const store = new BlobStateStore(blobs.getContainerClient(config.container));
    container.bind(StateStore).toConstantValue(store);
    return async (now, { journals }) => {
      await store.sweep(now / 1000, (await stillNeeded(journals)).item);
    };
  }
  const { connection, database, container: name, requestUnits } = config;
  const options = cosmosClientOptions(createDefaultHttpClient());
  const client = new CosmosClient(
    connection.kind === 'connection-string'
      ? { ...options, connectionString: connection.value }
      : { ...options, endpoint: connection.accountEndpoint, aadCredentials: needed(identity) },
  );
  const items = client.database(database).container(name);
  container
    .bind(StateStore)
    .toResolvedValue(
      (clock, telemetry) => new CosmosStateStore(items, clock, telemetry, { requestUnits }),
      [Clock, Telemetry],
    );
  return async () => {};
}

function needed(identity: TokenCredential | null): TokenCredential {
  if (identity === null) throw new Error('an identity is used that was not loaded');
  return identity;
}
