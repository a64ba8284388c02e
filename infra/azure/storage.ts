import { call, type Expression, type Resource, resource } from './arm.ts';
import { names, storageName } from './names.ts';
import { given } from './parameters.ts';

function account(what: string): Resource {
  return resource('Microsoft.Storage/storageAccounts@2025-01-01', storageName(what), {
    location: given('location'),
    tags: given('tags'),
    sku: { name: 'Standard_LRS' },
    kind: 'StorageV2',
    properties: {
      allowBlobPublicAccess: false,
      allowCrossTenantReplication: false,
      allowSharedKeyAccess: false,
      defaultToOAuthAuthentication: true,
      minimumTlsVersion: 'TLS1_2',
      publicNetworkAccess: 'Enabled',
      supportsHttpsTrafficOnly: true,
    },
  });
}

function blobsOf(parent: Resource): Resource {
  return resource(
    'Microsoft.Storage/storageAccounts/blobServices@2025-01-01',
    'default',
    { properties: {} },
    { parent },
  );
}

function container(parent: Resource, name: string): Resource {
  return resource(
    'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01',
    name,
    { properties: { publicAccess: 'None' } },
    { parent },
  );
}

function queue(name: string): Resource {
  return resource(
    'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01',
    name,
    { properties: {} },
    { parent: queueService },
  );
}

/** The Functions host's own room: checkpoints, leases, function keys and packages. It owns all blobs in it. */
export const hostStorage = account('host');

/** Millrace's room, apart from the host's, so that the app's rights end at each container and queue. */
export const dataStorage = account('data');

const hostBlobs = blobsOf(hostStorage);
const dataBlobs = blobsOf(dataStorage);

const queueService = resource(
  'Microsoft.Storage/storageAccounts/queueServices@2025-01-01',
  'default',
  { properties: {} },
  { parent: dataStorage },
);

/** Where a deployment puts the package that instances start from. */
export const packagesContainer = container(hostBlobs, names.packagesContainer);

/** Dead letters, late events and pages too large for an item. */
export const objectsContainer = container(dataBlobs, names.objectsContainer);

/** The journal, if it is kept in blobs. */
export const stateContainer = container(dataBlobs, names.stateContainer);

/** Notices of dead letters. */
export const noticesQueue = queue(names.noticesQueue);

/** Notices that could not be handled. */
export const poisonQueue = queue(names.poisonQueue);

/** Rows of views that publish to `results`, for whoever takes them. */
export const resultsQueue = queue(names.resultsQueue);

/** Removes dead letters and late events of a certain age, if wanted. Pages are never touched: they have no age. */
const lifecycle = resource(
  'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01',
  'default',
  {
    properties: {
      policy: {
        rules: [
          {
            name: 'kept',
            enabled: true,
            type: 'Lifecycle',
            definition: {
              filters: {
                blobTypes: ['blockBlob'],
                prefixMatch: [`${names.objectsContainer}/kept/`],
              },
              actions: {
                baseBlob: {
                  delete: {
                    // A policy that is not made is still checked, and zero days are no valid rule.
                    daysAfterModificationGreaterThan: call('max', given('keptDays'), 1),
                  },
                },
              },
            },
          },
        ],
      },
    },
  },
  {
    parent: dataStorage,
    condition: call('greater', given('keptDays'), 0),
    after: [dataBlobs],
  },
);

/** All of both accounts. */
export const storageResources: readonly Resource[] = [
  hostStorage,
  hostBlobs,
  packagesContainer,
  dataStorage,
  dataBlobs,
  objectsContainer,
  stateContainer,
  queueService,
  noticesQueue,
  poisonQueue,
  resultsQueue,
  lifecycle,
];

/** Where the packages are put, for the app. */
export function packagesUrl(endpoints: Expression): Expression {
  return call('concat', endpoints.get('blob'), names.packagesContainer);
}
