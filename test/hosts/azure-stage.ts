import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { CosmosClient } from '@azure/cosmos';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { cosmosClientOptions } from '../../adapters/azure/cosmos-client-options.ts';
import { type Azurite, type AzuritePorts, startAzurite } from '../emulators/azurite.ts';
import { type CosmosEmulator, startCosmos } from '../emulators/cosmos.ts';
import { type EventHubs, startEventHubs } from '../emulators/event-hubs.ts';

/** All services of Azure that the app uses, as emulators in and under this process. */
export interface AzureStage {
  readonly azurite: Azurite;
  readonly cosmos: CosmosEmulator;
  readonly eventHubs: EventHubs;
  stop(): Promise<void>;
}

/** What an app of its own on the stage is made with. */
export interface AzureScene {
  /** Names its hub, its queue, and its containers: lower-case letters and digits. */
  readonly name: string;
  readonly partitions: number;
  /** Of events that the hub keeps, bytes; by default all. */
  readonly retentionBytes?: number;
  readonly stateStore: 'cosmos' | 'blob';
}

/** Where the emulators listen; by default on free ports. */
export interface AzurePorts {
  readonly azurite?: AzuritePorts;
  readonly cosmos?: number;
  readonly eventHubs?: number;
}

/** Starts the emulators. They end when this process does. */
export async function startAzureStage(ports: AzurePorts = {}): Promise<AzureStage> {
  const [azurite, cosmos, eventHubs] = await Promise.all([
    startAzurite(ports.azurite),
    startCosmos(ports.cosmos),
    startEventHubs({ hubs: {}, port: ports.eventHubs ?? 0 }),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([azurite.stop(), cosmos.stop(), eventHubs.stop()]);
  };
  return { azurite, cosmos, eventHubs, stop };
}

/** Makes what an app needs to be there, as the infrastructure does in the cloud, and gives the app's settings. */
export async function azureSettings(
  { azurite, cosmos, eventHubs }: AzureStage,
  { name, partitions, stateStore, retentionBytes }: AzureScene,
): Promise<Record<string, string>> {
  const retention = retentionBytes === undefined ? {} : { retention: { bytes: retentionBytes } };
  eventHubs.addHub(name, { partitions, consumerGroups: ['millrace'], ...retention });
  const blobs = BlobServiceClient.fromConnectionString(azurite.connection);
  const queues = QueueServiceClient.fromConnectionString(azurite.connection);
  await blobs.createContainer(`${name}-objects`);
  await queues.createQueue(`${name}-notices`);
  const connectionString = `AccountEndpoint=${cosmos.endpoint};AccountKey=${cosmos.key};`;
  if (stateStore === 'cosmos') {
    const options = cosmosClientOptions(createDefaultHttpClient());
    const client = new CosmosClient({ ...options, connectionString });
    const { database } = await client.databases.createIfNotExists({ id: 'millrace' });
    await database.containers.create({ id: name, partitionKey: '/partition', defaultTtl: -1 });
  } else await blobs.createContainer(`${name}-state`);
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsStorage: azurite.connection,
    AzureWebJobsDisableHomepage: 'true',
    EVENT_HUBS: eventHubs.connectionString(),
    EVENT_HUB: name,
    EVENT_HUB_CONSUMER_GROUP: 'millrace',
    STATE_STORE: stateStore,
    COSMOS: connectionString,
    COSMOS_CONTAINER: name,
    COSMOS_REQUEST_UNITS: 'computed',
    STORAGE: azurite.connection,
    STATE_CONTAINER: `${name}-state`,
    OBJECTS_CONTAINER: `${name}-objects`,
    NOTICES_QUEUE: `${name}-notices`,
  };
}
