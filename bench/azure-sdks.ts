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

abstract class Ports {}
abstract class Stream {}
abstract class Reader {}
abstract class Objects {}
abstract class Notices {}
abstract class State {}
abstract class Time {}

const { EVENT_HUBS = '', EVENT_HUB = '', STORAGE = '', COSMOS = '' } = process.env;
const producer = new EventHubProducerClient(EVENT_HUBS, EVENT_HUB);
const consumer = new EventHubConsumerClient('$Default', EVENT_HUBS, EVENT_HUB);
const objects = BlobServiceClient.fromConnectionString(STORAGE).getContainerClient('objects');
const notices = QueueServiceClient.fromConnectionString(STORAGE).getQueueClient('notices');
const state = new CosmosClient({
  connectionString: COSMOS,
  httpClient: createDefaultHttpClient(),
});
// As many bindings as the app has ports, of which two have parts.
const container = new Container({ defaultScope: 'Singleton' });
container.bind(Time).toConstantValue(Date);
container.bind(Stream).toResolvedValue(() => producer);
container.bind(Reader).toResolvedValue(() => consumer);
container.bind(Objects).toResolvedValue(() => objects);
container.bind(Notices).toResolvedValue(() => notices);
container.bind(State).toResolvedValue((_time) => state, [Time]);
container.bind(Ports).toResolvedValue((stream, _time) => [stream], [Stream, Time]);
for (const port of [Time, Reader, State, Objects, Notices, Ports]) container.get(port);

const handler = () => ({});
const connection = 'STORAGE';
app.setup({ enableHttpStream: true });
app.eventHub('process', { connection, eventHubName: EVENT_HUB, cardinality: 'many', handler });
app.http('ingest', { handler });
app.http('query', { handler });
app.timer('maintain', { schedule: '0 * * * * *', handler });
app.storageQueue('poison', { connection, queueName: 'notices', handler });
