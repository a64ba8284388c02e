import { Environment, frozen } from '../adapters/environment.ts';
import type { SinkConfig } from '../adapters/sinks/sink-config.ts';
import { sinkSettings } from '../adapters/sinks/sink-settings.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import type { Pipeline } from '../core/pipeline.ts';
import {
  type Connection,
  connection,
  cosmosDb,
  eventHubs,
  partsOf,
  storageAccount,
} from './connection.ts';

/** Where journals and pages are: a Cosmos DB container, or a container of Blob storage. */
export type StateStoreConfig =
  | {
      readonly kind: 'cosmos';
      readonly connection: Connection<{ readonly accountEndpoint: string }>;
      readonly database: string;
      readonly container: string;
      /** Whether request units are what the service says, or computed from sizes: an emulator doesn't know them. */
      readonly requestUnits: 'measured' | 'computed';
    }
  | { readonly kind: 'blob'; readonly container: string };

/** All settings of a Millrace on Azure, checked. */
export interface AzureConfig {
  readonly pipelines: readonly Pipeline[];
  readonly eventHubs: Connection<{ readonly fullyQualifiedNamespace: string }>;
  readonly eventHub: string;
  /** The group in which the app reads what was skipped; no trigger may use it. */
  readonly readerGroup: string;
  readonly stateStore: StateStoreConfig;
  readonly storage: Connection<{
    readonly blobServiceUri: string;
    readonly queueServiceUri: string;
  }>;
  readonly objectsContainer: string;
  readonly noticesQueue: string;
  /** Where views are published, by the name of the sink. */
  readonly sinks: Readonly<Record<string, SinkConfig>>;
  /** The client id of a user-assigned identity; null for the app's own. */
  readonly identityClientId: string | null;
  readonly limits: Limits;
  /** How long the stream keeps records, seconds. */
  readonly retentionSeconds: number;
  /** Fixed for a generation: buckets that keys are spread over. */
  readonly bucketCount: number;
  /** How long an event waits for others to share its record, milliseconds. */
  readonly packLingerMs: number;
  /** The time that a batch has, seconds: less than `functionTimeout` in host.json. */
  readonly processSeconds: number;
}

/** The host ends a function, and its worker with it, after 300 seconds (`functionTimeout`); a batch must have told of its end before. */
const processSecondsMax = 280;

/**
 * One frozen value from the app's settings.
 *
 * @throws MillraceError `definition` with all problems at once.
 */
export function azureConfig(
  settings: Readonly<Record<string, string | undefined>>,
  pipelines: readonly Pipeline[],
): AzureConfig {
  const environment = new Environment(settings);
  const storeKind = environment.choice('STATE_STORE', 'cosmos', ['cosmos', 'blob']);
  const config: AzureConfig = {
    pipelines: [...pipelines],
    eventHubs: connection(environment, 'EVENT_HUBS', eventHubs),
    eventHub: environment.text('EVENT_HUB'),
    readerGroup: environment.text('EVENT_HUB_READER_GROUP', '$Default'),
    stateStore: storeKind === 'cosmos' ? cosmos(environment) : blob(environment),
    storage: connection(environment, 'STORAGE', storageAccount),
    objectsContainer: environment.text('OBJECTS_CONTAINER', 'objects'),
    noticesQueue: environment.text('NOTICES_QUEUE'),
    sinks: sinkSettings(environment, pipelines),
    identityClientId: environment.optional('IDENTITY_CLIENT_ID'),
    limits: { ...defaultLimits },
    retentionSeconds: environment.whole('STREAM_RETENTION_HOURS', 24, 1, 2_160) * 3_600,
    bucketCount: environment.whole('BUCKET_COUNT', 256, 1, 65_536),
    packLingerMs: environment.whole('PACK_LINGER_MS', 50, 0, 60_000),
    processSeconds: environment.whole('PROCESS_SECONDS', 240, 1, processSecondsMax),
  };
  // The triggers name this one; nothing else reads it.
  const triggerGroup = environment.text('EVENT_HUB_CONSUMER_GROUP');
  // Event Hubs knows a group by its name in any case.
  if (triggerGroup.toLowerCase() === config.readerGroup.toLowerCase()) {
    environment.problem('EVENT_HUB_READER_GROUP must not be the group of the trigger');
  }
  const { eventHubs: stream, eventHub } = config;
  if (stream.kind === 'connection-string') {
    const { EntityPath = eventHub } = partsOf(stream.value);
    if (EntityPath !== eventHub) environment.problem('EVENT_HUBS must name no hub but EVENT_HUB');
  }
  environment.check();
  return frozen(config);
}

function cosmos(environment: Environment): StateStoreConfig {
  return {
    kind: 'cosmos',
    connection: connection(environment, 'COSMOS', cosmosDb),
    database: environment.text('COSMOS_DATABASE', 'millrace'),
    container: environment.text('COSMOS_CONTAINER', 'state'),
    requestUnits: environment.choice('COSMOS_REQUEST_UNITS', 'measured', ['measured', 'computed']),
  };
}

function blob(environment: Environment): StateStoreConfig {
  return { kind: 'blob', container: environment.text('STATE_CONTAINER', 'state') };
}
