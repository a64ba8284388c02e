import { figuresLine } from '../../adapters/azure/figures-line.ts';
import { LogTelemetry } from '../../adapters/log-telemetry.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import type { AdapterSet } from './adapter-sets.ts';
import {
  blobObjectStore,
  blobStateStore,
  cosmosStateStore,
  queueMessageQueue,
} from './azure-stores.ts';
import { azureStream } from './azure-stream.ts';
import { withoutTransport } from './subject.ts';

const logParts = {
  clock: new SystemClock(),
  write: () => {},
  format: figuresLine,
  everySeconds: 60,
};

/** The adapters of the Azure app: Cosmos DB, Blob and Queue storage, Event Hubs. */
export const azureSet: AdapterSet = {
  stateStore: cosmosStateStore,
  objectStore: blobObjectStore,
  messageQueue: queueMessageQueue,
  stream: azureStream,
  clock: async () => withoutTransport(new SystemClock()),
  telemetry: async () => withoutTransport(new LogTelemetry(logParts)),
};

/** The same without a database: the state is in Blob storage. */
export const azureBlobSet: AdapterSet = { ...azureSet, stateStore: blobStateStore };
