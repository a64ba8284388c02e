import { randomUUID } from 'node:crypto';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { type Container, CosmosClient, type Database } from '@azure/cosmos';
import { BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { BlobObjectStore } from '../../adapters/azure/blob-object-store.ts';
import { BlobStateStore } from '../../adapters/azure/blob-state-store.ts';
import {
  type CosmosClientSettings,
  cosmosClientOptions,
  type HttpClient,
} from '../../adapters/azure/cosmos-client-options.ts';
import {
  CosmosStateStore,
  type CosmosStateStoreOptions,
} from '../../adapters/azure/cosmos-state-store.ts';
import { QueueMessageQueue } from '../../adapters/azure/queue-message-queue.ts';
import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { startAzurite } from '../emulators/azurite.ts';
import { startCosmos } from '../emulators/cosmos.ts';
import { FaultyProxy } from '../emulators/faulty-proxy.ts';
import { cosmosFailures, storageFailures } from './azure-failures.ts';
import { type Behind, lazy } from './behind-proxy.ts';

/**
 * The adapters of Cosmos DB and Azure Storage, each subject in a container or queue of its own,
 * over emulators that are started once or, where the environment names them, over services that
 * are there already:
 *
 * - MILLRACE_COSMOS_ENDPOINT and MILLRACE_COSMOS_KEY: an account of Cosmos DB.
 * - MILLRACE_STORAGE_CONNECTION: a connection string of a storage account, with its key.
 */
const { env } = process;
const clock = new SystemClock();
const http = createDefaultHttpClient();

const cosmos = lazy(async () => {
  const endpoint = env['MILLRACE_COSMOS_ENDPOINT'];
  const { key, ...account } =
    endpoint === undefined
      ? await startCosmos()
      : { endpoint, key: env['MILLRACE_COSMOS_KEY'] ?? '' };
  const client = cosmosClient(account.endpoint, key);
  const { database } = await client.databases.createIfNotExists({ id: 'millrace-contract' });
  return { endpoint: account.endpoint, key, database };
});

/** In the real one time passes as it does. */
const storage = lazy(async () => {
  const connection = env['MILLRACE_STORAGE_CONNECTION'];
  if (connection === undefined) return startAzurite();
  return { connection, advance: (ms: number) => clock.sleep(ms) };
});

/** A CosmosStateStore, and what a test may look at besides. */
export async function cosmosStateStore(): Promise<
  Behind<CosmosStateStore> & {
    readonly container: Container;
    readonly telemetry: MemoryTelemetry;
    /** Another instance, made in its own way. */
    readonly made: (how: Making) => CosmosStateStore;
  }
> {
  const { endpoint, key, database } = await cosmos();
  const container = await newContainer(database);
  const proxy = await FaultyProxy.start(endpoint);
  const telemetry = new MemoryTelemetry();
  const made = (how: Making) => {
    const client = cosmosClient(proxy.url, key, how);
    const { id } = container;
    const own = client.database(database.id).container(id);
    return new CosmosStateStore(own, clock, telemetry, { requestUnits: 'computed', ...how });
  };
  return {
    port: made({}),
    another: () => made({}),
    failures: cosmosFailures(proxy),
    pass: async () => undefined,
    cleanup: async () => {
      await proxy.close();
      await container.delete();
    },
    ...{ proxy, container, telemetry, made },
  };
}

/** How a CosmosStateStore and its client are made. */
interface Making extends CosmosClientSettings, CosmosStateStoreOptions {
  readonly http?: HttpClient;
}

/** A CosmosClient with the options that the adapter asks for. */
function cosmosClient(endpoint: string, key: string, how: Making = {}): CosmosClient {
  return new CosmosClient({ endpoint, key, ...cosmosClientOptions(how.http ?? http, how) });
}

/** A container as the adapter asks for. */
async function newContainer(database: Database): Promise<Container> {
  const { container } = await database.containers.create({
    id: `contract-${randomUUID()}`,
    partitionKey: { paths: ['/partition'], version: 2 },
    defaultTtl: -1,
    indexingPolicy: {
      includedPaths: [{ path: '/partition/?' }],
      excludedPaths: [{ path: '/*' }],
    },
  });
  return container;
}

/** A BlobStateStore. */
export function blobStateStore(callMs = 30_000): Promise<Behind<BlobStateStore>> {
  return inBlobs((container) => new BlobStateStore(container, { callMs }));
}

/** A BlobObjectStore; its objects are small enough for many tests. */
export function blobObjectStore(): Promise<Behind<BlobObjectStore>> {
  return inBlobs((container) => new BlobObjectStore(container, { objectBytesMax: 4_000_000 }));
}

/** What every client of Storage is made with. */
const storageOptions = { retryOptions: { maxTries: 1 } };

/** A port over a new container of blobs. */
async function inBlobs<Port>(make: (container: ContainerClient) => Port): Promise<Behind<Port>> {
  const { connection } = await storage();
  const service = BlobServiceClient.fromConnectionString(connection, storageOptions);
  const container = service.getContainerClient(`contract-${randomUUID()}`);
  await container.create();
  const proxy = await FaultyProxy.start(service.url);
  const url = `${proxy.url}/${container.containerName}`;
  const connect = () => make(new ContainerClient(url, service.credential, storageOptions));
  return {
    port: connect(),
    another: connect,
    failures: storageFailures(proxy, 'a container that is gone', () => container.delete()),
    pass: async () => undefined,
    cleanup: async () => {
      await proxy.close();
      await container.deleteIfExists();
    },
    proxy,
  };
}

/** A QueueMessageQueue, and its queue. */
export async function queueMessageQueue(
  callMs = 30_000,
): Promise<Behind<QueueMessageQueue> & { readonly queue: QueueClient }> {
  const { connection, advance } = await storage();
  const service = QueueServiceClient.fromConnectionString(connection, storageOptions);
  const queue = service.getQueueClient(`contract-${randomUUID()}`);
  await queue.create();
  const proxy = await FaultyProxy.start(service.url);
  const url = `${proxy.url}/${queue.name}`;
  const connect = () => {
    const client = new QueueClient(url, service['credential'], storageOptions);
    return new QueueMessageQueue(client, { callMs });
  };
  return {
    port: connect(),
    another: connect,
    failures: storageFailures(proxy, 'a queue that is gone', () => queue.delete()),
    pass: (seconds) => advance(seconds * 1000),
    cleanup: async () => {
      await proxy.close();
      await queue.deleteIfExists();
    },
    ...{ proxy, queue },
  };
}
