import { call, type Expression, propertiesOf, type Value } from './arm.ts';
import { cosmosAccount } from './cosmos.ts';
import { eventHubsNamespace } from './event-hubs.ts';
import { clientId } from './identity.ts';
import { keyVault } from './key-vault.ts';
import { insights } from './monitoring.ts';
import { names, storageName } from './names.ts';
import { given } from './parameters.ts';
import { dataStorage } from './storage.ts';

/** A connection of the host by the app's identity, beside what says where to. */
const byIdentity = (connection: string): Record<string, Value> => ({
  [`${connection}__credential`]: 'managedidentity',
  [`${connection}__clientId`]: clientId,
});

const endpoints = propertiesOf(dataStorage).get('primaryEndpoints');

/** Whether views publish to a webhook as `results`. */
export const isWebhook: Expression = call('equals', given('results'), 'webhook');
/** Whether they publish to the queue. */
export const isQueue: Expression = call('equals', given('results'), 'queue');

/** The host puts in its place what the vault has. */
const secretOfResults = call(
  'format',
  '@Microsoft.KeyVault(VaultName={0};SecretName={1})',
  keyVault.name[0] ?? '',
  given('resultsSignedBy'),
);

/** All settings of the app. None is a secret: each names a place, and the identity opens it. */
export const settings: Readonly<Record<string, Value>> = {
  EVENT_HUB: names.hub,
  EVENT_HUB_CONSUMER_GROUP: names.consumerGroup,
  EVENT_HUBS__fullyQualifiedNamespace: hostOf(
    propertiesOf(eventHubsNamespace).get('serviceBusEndpoint'),
  ),
  // Every hub has this group; the gap check reads there, so that it never takes the trigger's place.
  EVENT_HUB_READER_GROUP: '$Default',
  ...byIdentity('EVENT_HUBS'),
  STATE_STORE: given('stateStore'),
  COSMOS__accountEndpoint: call(
    'if',
    call('equals', given('stateStore'), 'cosmos'),
    propertiesOf(cosmosAccount).get('documentEndpoint'),
    '',
  ),
  COSMOS_DATABASE: names.database,
  COSMOS_CONTAINER: names.container,
  STORAGE__blobServiceUri: endpoints.get('blob'),
  STORAGE__queueServiceUri: endpoints.get('queue'),
  ...byIdentity('STORAGE'),
  STATE_CONTAINER: names.stateContainer,
  OBJECTS_CONTAINER: names.objectsContainer,
  NOTICES_QUEUE: names.noticesQueue,
  SINK_RESULTS: call(
    'if',
    isWebhook,
    call('concat', 'webhook:', given('resultsWebhook')),
    call('if', isQueue, `queue:${names.resultsQueue}`, `stream:${names.resultsHub}`),
  ),
  SINK_RESULTS_SECRET: call('if', isWebhook, secretOfResults, ''),
  STREAM_RETENTION_HOURS: call('string', given('retentionHours')),
  BUCKET_COUNT: call('string', given('bucketCount')),
  IDENTITY_CLIENT_ID: clientId,
  // The client asks the platform for its token, and looks nowhere else first.
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
  // What the app has at / is the app's.
  AzureWebJobsDisableHomepage: 'true',
  AzureWebJobsStorage__accountName: storageName('host'),
  ...byIdentity('AzureWebJobsStorage'),
  APPLICATIONINSIGHTS_CONNECTION_STRING: propertiesOf(insights).get('ConnectionString'),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: call(
    'format',
    'ClientId={0};Authorization=AAD',
    clientId,
  ),
};

/** The host of an address `https://<host>:443/`. */
function hostOf(address: Expression): Expression {
  const withoutScheme = call('replace', address, 'https://', '');
  return call('replace', withoutScheme, ':443/', '');
}
