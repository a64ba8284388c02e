/**
 * What the app for Azure asks of others, and nothing of ours: the clients it makes, the functions it registers, a
 * container. The start of this bundle is theirs.
 */
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { CosmosClient } from '@azure/cosmos';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { app } from '@azure/functions';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { Container } from 'inversify';

/** As the app has it: in the bundle, and loaded only where an identity is used. */
export const identity = (): Promise<object> => import('@azure/identity');

abstract class Port {}

const { EVENT_HUBS = '', EVENT_HUB = '', STORAGE = '', COSMOS = '' } = process.env;
const container = new Container({ defaultScope: 'Singleton' });
container.bind(Port).toResolvedValue(() => ({
  producer: new EventHubProducerClient(EVENT_HUBS, EVENT_HUB),
  consumer: new EventHubConsumerClient('$Default', EVENT_HUBS, EVENT_HUB),
  objects: BlobServiceClient.fromConnectionString(STORAGE).getContainerClient('objects'),
  notices: QueueServiceClient.fromConnectionString(STORAGE).getQueueClient('notices'),
  state: new CosmosClient({ connectionString: COSMOS, httpClient: createDefaultHttpClient() }),
}));
container.get(Port);
app.http('query', { handler: () => ({}) });
