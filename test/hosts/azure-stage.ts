import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { CosmosClient } from '@azure/cosmos';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { cosmosClientOptions } from '../../adapters/azure/cosmos-client-options.ts';
import { type Azurite, type AzuritePorts, startAzurite } from '../emulators/azurite.ts';
import { type CosmosEmulator, startCosmos } from '../emulators/cosmos.ts';
import { type EventHubs, startEventHubs } from '../emulators/event-hubs.ts';
import { checkFree } from './free-port.ts';

/** The services of Azure that the app uses in any case, as emulators in and under this process. */
export interface BlobStage {
  readonly azurite: Azurite;
  readonly eventHubs: EventHubs;
  stop(): Promise<void>;
}

/** All services of Azure that the app may use. */
export interface AzureStage extends BlobStage {
  readonly cosmos: CosmosEmulator;
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

/**
 * Starts what an app needs whose state is kept there. It ends when this process does.
 *
 * @throws MillraceError `unavailable` when a port is taken; nothing is started then.
 */
export async function startStage(
  stateStore: AzureScene['stateStore'],
  ports: AzurePorts,
): Promise<BlobStage & Partial<AzureStage>> {
  const advice = 'end what listens there';
  const wanted = [
    ...Object.values(ports.azurite ?? {}).map((port: number) => ['Azurite', port] as const),
    ['Event Hubs', ports.eventHubs ?? 0] as const,
  ];
  for (const [name, port] of wanted) {
    if (port > 0) await checkFree(port, `, which ${name} needs: ${advice}`);
  }
  if (stateStore === 'blob') return startBlobStage(ports);
  if (ports.cosmos) {
    const more = `${advice}, or leave it out with --azurite-alone`;
    await checkFree(ports.cosmos, `, which Cosmos DB needs: ${more}`);
  }
  return startAzureStage(ports);
}

/** Starts all emulators. They end when this process does. */
export async function startAzureStage(ports: AzurePorts = {}): Promise<AzureStage> {
  const [stage, cosmos] = await Promise.all([startBlobStage(ports), startCosmos(ports.cosmos)]);
  const stop = async (): Promise<void> => {
    await Promise.all([stage.stop(), cosmos.stop()]);
  };
  return { ...stage, cosmos, stop };
}

async function startBlobStage(ports: AzurePorts): Promise<BlobStage> {
  const [azurite, eventHubs] = await Promise.all([
    startAzurite(ports.azurite),
    startEventHubs({ hubs: {}, port: ports.eventHubs ?? 0 }),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([azurite.stop(), eventHubs.stop()]);
  };
  return { azurite, eventHubs, stop };
}

/** Makes what an app needs to be there, as the infrastructure does in the cloud, and gives the app's settings. */
export async function azureSettings(
  { azurite, cosmos, eventHubs }: BlobStage & Partial<AzureStage>,
  { name, partitions, stateStore, retentionBytes }: AzureScene,
): Promise<Record<string, string>> {
  const retention = retentionBytes === undefined ? {} : { retention: { bytes: retentionBytes } };
  eventHubs.addHub(name, { partitions, consumerGroups: ['millrace'], ...retention });
  const blobs = BlobServiceClient.fromConnectionString(azurite.connection);
  const queues = QueueServiceClient.fromConnectionString(azurite.connection);
  await blobs.createContainer(`${name}-objects`);
  await queues.createQueue(`${name}-notices`);
  await queues.createQueue(`${name}-results`);
  if (stateStore === 'blob') await blobs.createContainer(`${name}-state`);
  else if (cosmos === undefined) throw new Error('the stage has no Cosmos DB');
  else await createCosmosContainer(connectionOf(cosmos), name);
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsStorage: azurite.connection,
    AzureWebJobsDisableHomepage: 'true',
    EVENT_HUBS: eventHubs.connectionString(),
    EVENT_HUB: name,
    EVENT_HUB_CONSUMER_GROUP: 'millrace',
    STATE_STORE: stateStore,
    ...(cosmos && {
      COSMOS: connectionOf(cosmos),
      COSMOS_CONTAINER: name,
      COSMOS_REQUEST_UNITS: 'computed',
    }),
    STORAGE: azurite.connection,
    STATE_CONTAINER: `${name}-state`,
    OBJECTS_CONTAINER: `${name}-objects`,
    NOTICES_QUEUE: `${name}-notices`,
    SINK_RESULTS: `queue:${name}-results`,
  };
}

function connectionOf({ endpoint, key }: CosmosEmulator): string {
  return `AccountEndpoint=${endpoint};AccountKey=${key};`;
}

async function createCosmosContainer(connectionString: string, id: string): Promise<void> {
  const options = cosmosClientOptions(createDefaultHttpClient());
  const client = new CosmosClient({ ...options, connectionString });
  const { database } = await client.databases.createIfNotExists({ id: 'millrace' });
  await database.containers.create({ id, partitionKey: '/partition', defaultTtl: -1 });
}
