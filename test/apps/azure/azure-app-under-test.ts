import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { CosmosClient } from '@azure/cosmos';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { BlobStateStore } from '../../../adapters/azure/blob-state-store.ts';
import { cosmosClientOptions } from '../../../adapters/azure/cosmos-client-options.ts';
import { CosmosStateStore } from '../../../adapters/azure/cosmos-state-store.ts';
import { EventHubsStreamReader } from '../../../adapters/azure/event-hubs-stream-reader.ts';
import { QueueMessageQueue } from '../../../adapters/azure/queue-message-queue.ts';
import { MemoryTelemetry } from '../../../adapters/memory/memory-telemetry.ts';
import { SystemClock } from '../../../adapters/system-clock.ts';
import type { MessageQueue } from '../../../core/ports/message-queue.ts';
import type { StateStore } from '../../../core/ports/state-store.ts';
import type { StreamReader } from '../../../core/ports/stream-reader.ts';
import { type Fault, FaultyProxy } from '../../emulators/faulty-proxy.ts';
import type { AzureStage } from '../../hosts/azure-stage.ts';
import { EventRecorder } from '../../hosts/functions/host-events.ts';
import { FunctionsHost, type FunctionsHostOptions } from '../../hosts/functions-host.ts';
import { realWait, type Wait } from '../../hosts/wait.ts';
import type { AppUnderTest, RawRecord } from '../app-under-test.ts';

/** What an app is made of. */
export interface AzureAppOptions {
  readonly stage: AzureStage;
  /** Of its hub, and the start of those of its containers. */
  readonly name: string;
  readonly stateStore: 'cosmos' | 'blob';
  /** The module that the worker loads. */
  readonly app: string;
  readonly settings: Readonly<Record<string, string>>;
  /** From now on records arrive at this time; null for a while ago. */
  readonly arriving: (arrival: number | null) => void;
}

/** One instance of the app: its host, what that tells, and what stands between it and its state store. */
export interface Instance {
  readonly host: FunctionsHost;
  readonly events: EventRecorder;
  readonly store: FaultyProxy;
}

/** How an instance is started. */
export interface InstanceOptions extends Partial<FunctionsHostOptions> {
  /** Of the simulation's zoo. Any test can be seen failing: `APP_BUG=gap-ignored npx vitest …`. */
  readonly bug?: string;
  /** Of host.json, instead of those of the app. */
  readonly eventHubs?: Readonly<Record<string, unknown>>;
}

const root = join(import.meta.dirname, '../../..');
/** A send whose answer was lost is given up soon. */
const once = { maxRetries: 0, timeoutInMs: 5_000 };
const waitMsMax = 200;
const balanceMs = 30_000;

/** Retries, polls and batches that wait come soon; who owns what is looked at as rarely as ever. */
const soon: Wait = (ms, signal) => realWait(ms >= balanceMs ? ms : Math.min(ms, waitMsMax), signal);

/** An Azure app under test: any number of instances over one hub and one state. */
export class AzureApp implements AppUnderTest {
  readonly store: StateStore;
  readonly results: MessageQueue;
  readonly settings: Readonly<Record<string, string>>;
  /** Of its hub. */
  readonly name: string;
  /** What goes wrong with a request of any instance to the state store. */
  onStoreRequest: (request: IncomingMessage) => Fault | null = () => null;
  /** Those that run. */
  readonly instances: Instance[] = [];
  /** What all instances told, those that ended too. */
  readonly told: EventRecorder[] = [];
  private readonly options: AzureAppOptions;
  private clients: Clients;
  private requests = 0;

  constructor(options: AzureAppOptions) {
    const { stage, name, settings } = options;
    this.options = options;
    this.settings = settings;
    this.name = name;
    this.clients = clientsOf(stage.eventHubs.connectionString(name));
    this.store = storeOf(options);
    const queues = QueueServiceClient.fromConnectionString(settings['STORAGE']!);
    const results = settings['SINK_RESULTS']!.replace('queue:', '');
    this.results = new QueueMessageQueue(queues.getQueueClient(results));
  }

  get stream(): StreamReader {
    return this.clients.stream;
  }

  /** Does something to the hub that the test's own clients, not the app's, would wait for. */
  async withoutClients(work: () => Promise<void>): Promise<void> {
    await this.clients.close();
    await work();
    const { stage, name } = this.options;
    this.clients = clientsOf(stage.eventHubs.connectionString(name));
  }

  /** Starts one more instance; it shares the partitions with the others by what is in the checkpoint store. */
  async startInstance(options: InstanceOptions = {}): Promise<Instance> {
    const instance = await this.newInstance(options);
    this.instances.push(instance);
    return instance;
  }

  /** Crashes an instance, and starts another in its place. */
  async replace(index: number, options: InstanceOptions = {}): Promise<void> {
    const { host, store } = this.instances[index]!;
    await host.kill();
    await store.close();
    this.instances[index] = await this.newInstance(options);
  }

  private async newInstance(options: InstanceOptions): Promise<Instance> {
    const { stage, stateStore, app } = this.options;
    const { bug = process.env['APP_BUG'], eventHubs = {}, settings = {}, ...others } = options;
    const events = new EventRecorder();
    this.told.push(events);
    const blobEndpoint = /BlobEndpoint=([^;]+)/.exec(stage.azurite.connection)![1]!;
    const isCosmos = stateStore === 'cosmos';
    const store = await FaultyProxy.start(isCosmos ? stage.cosmos.endpoint : blobEndpoint);
    store.watch = (request) => {
      store.fault = this.onStoreRequest(request);
    };
    const proxied = isCosmos
      ? { COSMOS: this.settings['COSMOS']!.replace(stage.cosmos.endpoint, store.url) }
      : { STORAGE: this.settings['STORAGE']!.replace(blobEndpoint, store.url) };
    const host = await FunctionsHost.start({
      app: bug === undefined ? app : join(import.meta.dirname, 'app-with-bug.ts'),
      ...{ hostJson: hostJson(eventHubs), wait: soon, onEvent: events.onEvent },
      ...others,
      settings: { ...this.settings, ...proxied, ...(bug && { BUG: bug }), ...settings },
    });
    return { host, events, store };
  }

  /** The instance that was started first, of those that run. */
  get first(): Instance {
    return this.instances[0]!;
  }

  /** Asks the instances in turn. */
  request(path: string, init: RequestInit = {}): Promise<Response> {
    this.requests += 1;
    const { host } = this.instances[this.requests % this.instances.length]!;
    const headers = { 'x-functions-key': 'function-key', ...init.headers };
    return fetch(host.url + path, { ...init, headers });
  }

  async put(partitionId: string, records: readonly RawRecord[]): Promise<void> {
    try {
      for (const { arrival, body } of records) {
        this.options.arriving(arrival);
        await this.clients.producer.sendBatch([{ body: Buffer.from(body) }], { partitionId });
      }
    } finally {
      this.options.arriving(null);
    }
  }

  async maintain(): Promise<void> {
    const { error } = await this.first.host.fireTimer('maintain');
    if (error !== null) throw error;
  }

  async stop(): Promise<void> {
    await Promise.all(this.instances.map(({ host }) => host.stop()));
    await Promise.all(this.instances.map(({ store }) => store.close()));
    // Not awaited: these clients wait a minute for an answer on a connection that a test has cut.
    this.clients.close().catch(() => {});
  }
}

/** The test's own ways into and out of a hub. */
interface Clients {
  readonly producer: EventHubProducerClient;
  readonly stream: StreamReader;
  readonly close: () => Promise<void>;
}

function clientsOf(connection: string): Clients {
  const producer = new EventHubProducerClient(connection, { retryOptions: once });
  const consumer = new EventHubConsumerClient('$Default', connection);
  const close = async (): Promise<void> => {
    await Promise.all([producer.close(), consumer.close()]);
  };
  return { producer, stream: new EventHubsStreamReader(consumer), close };
}

/** That of the app, with batches that don't wait, checkpoints after each of them, and a queue that is looked at often. */
function hostJson(eventHubs: Readonly<Record<string, unknown>>): object {
  const json = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
  const soonDone = { minEventBatchSize: 1, batchCheckpointFrequency: 1 };
  Object.assign(json.extensions.eventHubs, soonDone, eventHubs);
  json.extensions.queues.maxPollingInterval = '00:00:02';
  return json;
}

/** The app's state store, as seen from outside. */
function storeOf({ stage, name, stateStore, settings }: AzureAppOptions): StateStore {
  if (stateStore === 'blob') {
    const blobs = BlobServiceClient.fromConnectionString(stage.azurite.connection);
    return new BlobStateStore(blobs.getContainerClient(settings['STATE_CONTAINER']!));
  }
  const options = cosmosClientOptions(createDefaultHttpClient());
  const client = new CosmosClient({ ...options, connectionString: settings['COSMOS']! });
  const container = client.database('millrace').container(name);
  return new CosmosStateStore(container, new SystemClock(), new MemoryTelemetry());
}
