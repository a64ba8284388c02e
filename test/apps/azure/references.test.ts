import { BlobServiceClient } from '@azure/storage-blob';
import { BlobObjectStore } from '../../../adapters/azure/blob-object-store.ts';
import { referencesSuite } from '../references-suite.ts';
import { AzureHost } from './azure-host.ts';

const host = new AzureHost('cosmos');

referencesSuite(host.name, host, async () => {
  const app = await host.start({ pipelines: 'lookups', partitions: 1 });
  const blobs = BlobServiceClient.fromConnectionString(host.stage.azurite.connection);
  const container = app.settings['OBJECTS_CONTAINER'] as string;
  return {
    app,
    objects: new BlobObjectStore(blobs.getContainerClient(container)),
    told: (text) => app.first.events.until('log', ({ message }) => message.includes(text)),
    kill: async () => {
      await app.replace(0);
      // Else it waits until the claim of the one that is gone has run out.
      await app.first.host.hub('process').steal('0');
    },
  };
});
