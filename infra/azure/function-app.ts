import { call, type Expression, idOf, propertiesOf, type Resource, resource } from './arm.ts';
import { hub, resultsHub } from './event-hubs.ts';
import { grant, identity } from './identity.ts';
import { keyVault } from './key-vault.ts';
import { insights } from './monitoring.ts';
import { globalName, localName } from './names.ts';
import { given } from './parameters.ts';
import { isQueue, isWebhook, settings } from './settings.ts';
import {
  hostStorage,
  noticesQueue,
  objectsContainer,
  packagesContainer,
  packagesUrl,
  poisonQueue,
  resultsQueue,
  stateContainer,
} from './storage.ts';

/** The least that the app works with. Azure's own advice for the host's account is the owner's role. */
export const grants: readonly Resource[] = [
  grant('Azure Event Hubs Data Receiver', hub, 'the trigger and the gap check read.'),
  grant('Azure Event Hubs Data Sender', hub, 'ingest sends.'),
  grant('Storage Blob Data Owner', hostStorage, 'checkpoints, leases, function keys, packages.'),
  grant('Storage Blob Data Contributor', objectsContainer, 'dead letters, late events, pages.'),
  grant('Storage Blob Data Contributor', stateContainer, 'the journal, if it is kept in blobs.'),
  grant('Storage Queue Data Message Sender', noticesQueue, 'process sends notices.'),
  grant('Storage Queue Data Message Processor', noticesQueue, 'poison takes notices.'),
  grant('Storage Queue Data Reader', noticesQueue, 'its length tells how far to scale.'),
  grant('Storage Queue Data Message Sender', poisonQueue, 'the host moves there what failed.'),
  grant('Storage Queue Data Reader', poisonQueue, 'maintain tells how many are there.'),
  grant('Storage Queue Data Message Sender', resultsQueue, 'maintain publishes rows.', isQueue),
  grant('Azure Event Hubs Data Sender', resultsHub, 'maintain publishes rows.'),
  grant('Key Vault Secrets User', keyVault, 'what is published is signed.', isWebhook),
  grant('Monitoring Metrics Publisher', insights, 'the host writes logs and metrics.'),
];

const plan = resource('Microsoft.Web/serverfarms@2024-11-01', localName('plan'), {
  location: given('location'),
  tags: given('tags'),
  kind: 'functionapp',
  sku: { name: 'FC1', tier: 'FlexConsumption' },
  properties: { reserved: true },
});

/** The app. Its package is uploaded after it is made, so nothing runs before all rights are there. */
export const site = resource(
  'Microsoft.Web/sites@2024-11-01',
  globalName,
  {
    location: given('location'),
    // The Azure Developer CLI finds the app of the service by this tag.
    tags: call('union', given('tags'), { 'azd-service-name': 'millrace' }),
    kind: 'functionapp,linux',
    identity: {
      type: 'UserAssigned',
      userAssignedIdentities: call('createObject', idOf(identity), {}),
    },
    properties: {
      serverFarmId: idOf(plan),
      httpsOnly: true,
      keyVaultReferenceIdentity: idOf(identity),
      publicNetworkAccess: 'Enabled',
      functionAppConfig: {
        runtime: { name: 'node', version: '24' },
        deployment: {
          storage: {
            type: 'blobContainer',
            value: packagesUrl(propertiesOf(hostStorage).get('primaryEndpoints')),
            authentication: {
              type: 'UserAssignedIdentity',
              userAssignedIdentityResourceId: idOf(identity),
            },
          },
        },
        scaleAndConcurrency: {
          instanceMemoryMB: given('instanceMemoryMB'),
          maximumInstanceCount: given('instanceCountMax'),
          alwaysReady: call(
            'concat',
            alwaysReady('function:process', given('alwaysReadyProcess')),
            alwaysReady('http', given('alwaysReadyHttp')),
          ),
        },
      },
      siteConfig: {
        minTlsVersion: '1.2',
        appSettings: Object.entries(settings).map(([name, value]) => ({ name, value })),
      },
    },
  },
  { after: [packagesContainer, ...grants] },
);

/** Packages come in by identity: the user names and passwords of the old ways are off. */
const passwords = ['ftp', 'scm'].map((name) =>
  resource(
    'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01',
    name,
    { properties: { allow: false } },
    { parent: site },
  ),
);

/** The plan, the app, and what it may do. */
export const functionResources: readonly Resource[] = [...grants, plan, site, ...passwords];

/** No entry rather than one of no instances. */
function alwaysReady(name: string, instanceCount: Expression): Expression {
  return call('if', call('greater', instanceCount, 0), [{ name, instanceCount }], []);
}
