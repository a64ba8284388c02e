/** What the app for Azure imports of others, and nothing of ours: the start of this bundle is theirs. */
export { createDefaultHttpClient } from '@azure/core-rest-pipeline';
export { CosmosClient } from '@azure/cosmos';
export { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
export { app } from '@azure/functions';
export { BlobServiceClient } from '@azure/storage-blob';
export { QueueServiceClient } from '@azure/storage-queue';
export { Container } from 'inversify';

/** As the app has it: in the bundle, and loaded only where an identity is used. */
export const identity = (): Promise<object> => import('@azure/identity');
