import { call, idOf, propertiesOf, resource } from './arm.ts';
import { identity } from './identity.ts';
import { globalName, localName, names } from './names.ts';
import { given } from './parameters.ts';

const isServerless = call('equals', given('cosmosAutoscaleMax'), 0);

/** The account of the journal. It is made only if the journal is kept there; keys are off. */
export const cosmosAccount = resource(
  'Microsoft.DocumentDB/databaseAccounts@2025-04-15',
  globalName,
  {
    location: given('location'),
    tags: given('tags'),
    kind: 'GlobalDocumentDB',
    properties: {
      databaseAccountOfferType: 'Standard',
      locations: [{ locationName: given('location'), failoverPriority: 0 }],
      // A page read with the session token of its head is at least as new; stronger levels double the reads.
      consistencyPolicy: { defaultConsistencyLevel: 'Session' },
      capabilities: call('if', isServerless, [{ name: 'EnableServerless' }], []),
      disableLocalAuth: true,
      disableKeyBasedMetadataWriteAccess: true,
      minimalTlsVersion: 'Tls12',
      publicNetworkAccess: 'Enabled',
    },
  },
  { condition: call('equals', given('stateStore'), 'cosmos') },
);

const database = resource(
  'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15',
  names.database,
  { properties: { resource: { id: names.database } } },
  { parent: cosmosAccount },
);

/** Items expire by their own `ttl` alone. `id` is always indexed, and queries ask for it and the partition alone. */
const container = resource(
  'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15',
  names.container,
  {
    properties: {
      resource: {
        id: names.container,
        partitionKey: { paths: ['/partition'], kind: 'Hash', version: 2 },
        indexingPolicy: {
          indexingMode: 'consistent',
          automatic: true,
          includedPaths: [{ path: '/partition/?' }],
          excludedPaths: [{ path: '/*' }],
        },
        defaultTtl: -1,
      },
      options: call(
        'if',
        isServerless,
        {},
        { autoscaleSettings: { maxThroughput: given('cosmosAutoscaleMax') } },
      ),
    },
  },
  { parent: database },
);

/** The six things that the state store does, and no others: no upsert, no change feed, no procedures. */
const roleDefinition = resource(
  'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-04-15',
  call('guid', idOf(cosmosAccount), 'millrace-state'),
  {
    properties: {
      roleName: localName('state'),
      type: 'CustomRole',
      assignableScopes: [idOf(cosmosAccount)],
      permissions: [
        {
          dataActions: [
            'Microsoft.DocumentDB/databaseAccounts/readMetadata',
            'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/executeQuery',
            'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/create',
            'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/read',
            'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/replace',
            'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/delete',
          ],
        },
      ],
    },
  },
  { parent: cosmosAccount },
);

/** On the account, which has this one container: the client reads the account's metadata when it starts. */
const roleAssignment = resource(
  'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15',
  call('guid', idOf(cosmosAccount), idOf(identity), 'millrace-state'),
  {
    properties: {
      roleDefinitionId: idOf(roleDefinition),
      principalId: propertiesOf(identity).get('principalId'),
      scope: idOf(cosmosAccount),
    },
  },
  { parent: cosmosAccount },
);

/** All of the database. */
export const cosmosResources = [cosmosAccount, database, container, roleDefinition, roleAssignment];
