import { Environment } from '../adapters/environment.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import type { Pipeline } from '../core/pipeline.ts';

/** How a service is reached: with a connection string (emulators), or as the app's managed identity. */
export type Connection<Identity> =
  | { readonly kind: 'connection-string'; readonly value: string }
  | ({ readonly kind: 'identity' } & Identity);

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
    pipelines,
    eventHubs: connection(environment, 'EVENT_HUBS', ['fullyQualifiedNamespace']),
    eventHub: environment.text('EVENT_HUB'),
    readerGroup: environment.text('EVENT_HUB_READER_GROUP', '$Default'),
    stateStore: storeKind === 'cosmos' ? cosmos(environment) : blob(environment),
    storage: connection(environment, 'STORAGE', ['blobServiceUri', 'queueServiceUri']),
    objectsContainer: environment.text('OBJECTS_CONTAINER', 'objects'),
    noticesQueue: environment.text('NOTICES_QUEUE'),
    identityClientId: environment.optional('IDENTITY_CLIENT_ID'),
    limits: defaultLimits,
    retentionSeconds: environment.whole('STREAM_RETENTION_HOURS', 24, 1, 2_160) * 3_600,
    bucketCount: environment.whole('BUCKET_COUNT', 256, 1, 65_536),
    packLingerMs: environment.whole('PACK_LINGER_MS', 50, 0, 60_000),
    processSeconds: environment.whole('PROCESS_SECONDS', 240, 1, 3_600),
  };
  // The triggers name this one; nothing else reads it.
  if (environment.text('EVENT_HUB_CONSUMER_GROUP') === config.readerGroup) {
    environment.problem('EVENT_HUB_READER_GROUP must not be the group of the trigger');
  }
  environment.check();
  return Object.freeze(config);
}

function cosmos(environment: Environment): StateStoreConfig {
  return {
    kind: 'cosmos',
    connection: connection(environment, 'COSMOS', ['accountEndpoint']),
    database: environment.text('COSMOS_DATABASE', 'millrace'),
    container: environment.text('COSMOS_CONTAINER', 'state'),
    requestUnits: environment.choice('COSMOS_REQUEST_UNITS', 'measured', ['measured', 'computed']),
  };
}

function blob(environment: Environment): StateStoreConfig {
  return { kind: 'blob', container: environment.text('STATE_CONTAINER', 'state') };
}

/** `NAME` is a connection string; `NAME__member` are what an identity needs, named as the Functions host names them. */
function connection<const M extends string>(
  environment: Environment,
  name: string,
  members: readonly M[],
): Connection<Readonly<Record<M, string>>> {
  const value = environment.optional(name);
  if (value !== null) return { kind: 'connection-string', value };
  const given = members.map((member) => [member, environment.optional(`${name}__${member}`)]);
  if (given.some(([, text]) => text === null)) {
    const names = members.map((member) => `${name}__${member}`).join(' and ');
    environment.problem(`${names} must be set, or ${name} to a connection string`);
  }
  return { kind: 'identity', ...(Object.fromEntries(given) as Record<M, string>) };
}
