import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Evaluated, evaluate, type TemplateJson } from '../../infra/azure/evaluate.ts';
import { settings } from '../../infra/azure/settings.ts';
import { templateText } from '../../infra/azure/template.ts';

const root = join(import.meta.dirname, '../..');
const text = templateText();
const template: TemplateJson = JSON.parse(text);
const resources = evaluate(template).filter(({ made }) => made);

const ofType = (type: string): Evaluated[] => resources.filter((one) => one.type === type);

/** A member of the properties of a resource, by a path. */
function property(resource: Evaluated, path: string): unknown {
  let at: unknown = resource['properties'];
  for (const name of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[name];
  return at;
}

const account = 'Microsoft.Storage/storageAccounts/millracedata';
const queueOfResults = `${account}/queueServices/default/queues/results`;
const hubOfResults = 'Microsoft.EventHub/namespaces/millrace-/eventhubs/results';

describe('who gets in', () => {
  /** What switches keys off, and old ciphers, by type. */
  const switches: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'Microsoft.EventHub/namespaces': { disableLocalAuth: true, minimumTlsVersion: '1.2' },
    'Microsoft.DocumentDB/databaseAccounts': {
      disableLocalAuth: true,
      disableKeyBasedMetadataWriteAccess: true,
      minimalTlsVersion: 'Tls12',
    },
    'Microsoft.Storage/storageAccounts': {
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      supportsHttpsTrafficOnly: true,
      minimumTlsVersion: 'TLS1_2',
    },
    'Microsoft.KeyVault/vaults': { enableRbacAuthorization: true, enablePurgeProtection: true },
    'Microsoft.OperationalInsights/workspaces': { 'features.disableLocalAuth': true },
    'Microsoft.Insights/components': { DisableLocalAuth: true },
    'Microsoft.Web/sites': { httpsOnly: true, 'siteConfig.minTlsVersion': '1.2' },
    'Microsoft.Web/sites/basicPublishingCredentialsPolicies': { allow: false },
  };

  it.each(Object.entries(switches))('%s takes no keys and no old ciphers', (type, wanted) => {
    expect(ofType(type).length).toBeGreaterThan(0);
    for (const resource of ofType(type)) {
      const found = Object.keys(wanted).map((path) => [path, property(resource, path)]);
      expect(Object.fromEntries(found)).toEqual(wanted);
    }
  });

  it('is nobody by a key or a secret: the template asks for none and gives none out', () => {
    expect(text).not.toMatch(
      /list(Keys|Secrets|ConnectionStrings|AccountSas|ServiceSas|Credential)/i,
    );
    expect(text).not.toMatch(/AccountKey|SharedAccess|InstrumentationKey|secure(String|Object)/i);
    const outputs = Object.keys(template.outputs).filter((name) =>
      /key|secret|connection/i.test(name),
    );
    expect(outputs).toEqual([]);
  });

  it('is the app, by its identity, with these rights and no others', () => {
    expect(grantedIn(resources)).toEqual([
      'Azure Event Hubs Data Receiver on Microsoft.EventHub/namespaces/millrace-/eventhubs/events',
      'Azure Event Hubs Data Sender on Microsoft.EventHub/namespaces/millrace-/eventhubs/events',
      'Monitoring Metrics Publisher on Microsoft.Insights/components/millrace-insights',
      'Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/millracedata/blobServices/default/containers/objects',
      'Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/millracedata/blobServices/default/containers/state',
      'Storage Blob Data Owner on Microsoft.Storage/storageAccounts/millracehost',
      'Storage Queue Data Message Processor on Microsoft.Storage/storageAccounts/millracedata/queueServices/default/queues/dead-letters',
      'Storage Queue Data Message Sender on Microsoft.Storage/storageAccounts/millracedata/queueServices/default/queues/dead-letters',
      'Storage Queue Data Message Sender on Microsoft.Storage/storageAccounts/millracedata/queueServices/default/queues/dead-letters-poison',
      'Storage Queue Data Message Sender on Microsoft.Storage/storageAccounts/millracedata/queueServices/default/queues/results',
      'Storage Queue Data Reader on Microsoft.Storage/storageAccounts/millracedata/queueServices/default/queues/dead-letters',
      'Storage Queue Data Reader on Microsoft.Storage/storageAccounts/millracedata/queueServices/default/queues/dead-letters-poison',
    ]);
  });

  it.each([
    { results: 'queue', right: `Storage Queue Data Message Sender on ${queueOfResults}` },
    { results: 'stream', right: `Azure Event Hubs Data Sender on ${hubOfResults}` },
    { results: 'webhook', right: 'Key Vault Secrets User on Microsoft.KeyVault/vaults/millrace-' },
  ])('is the app, with the right to publish to the $results alone', ({ results, right }) => {
    const rights = grantedIn(evaluate(template, { results }).filter(({ made }) => made));
    const published = rights.filter((one) => / on .*(\/results|\/vaults\/.*)$/.test(one));
    expect(published).toEqual([right]);
  });

  /** The rights that a template grants, each with its role and place. */
  function grantedIn(all: readonly Evaluated[]): string[] {
    const sites = all.filter(({ type }) => type === 'Microsoft.Web/sites');
    const [, suffix = ''] =
      /millracehost(\w{10})/.exec(sites.map((one) => JSON.stringify(one)).join()) ?? [];
    const assignments = all.filter(
      ({ type }) => type === 'Microsoft.Authorization/roleAssignments',
    );
    const granted = assignments.map((one) => {
      expect(property(one, 'principalId')).toBe('22222222-2222-2222-2222-222222222222');
      expect(property(one, 'principalType')).toBe('ServicePrincipal');
      const [role] = String(property(one, 'description')).split(':');
      const on = String(one.scope)
        .replace(/.*\/providers\//, '')
        .replace(suffix, '');
      return `${role} on ${on}`;
    });
    return granted.sort();
  }

  it('reads, writes and removes items of the journal, and does nothing else there', () => {
    const [role] = ofType('Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions');
    const [permissions] = property(role!, 'permissions') as { readonly dataActions: string[] }[];
    const actions = permissions!.dataActions.map((action) => action.replace(/.*\//, ''));
    expect(actions.sort()).toEqual([
      ...['create', 'delete', 'executeQuery', 'read', 'readMetadata', 'replace'],
    ]);
    expect(JSON.stringify(permissions)).not.toContain('*');
    const assignments = ofType('Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments');
    expect(assignments.map((one) => property(one, 'roleDefinitionId'))).toEqual([role!.id]);
  });
});

describe('the parts agree', () => {
  const database = ofType('Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers')[0]!;

  it('on the partition key and the index of the journal', () => {
    const adapter = readFileSync(join(root, 'adapters/azure/cosmos-state-store.ts'), 'utf8');
    const prose = adapter.replace(/\n \* +/g, ' ');
    const [, path] = /has the partition key `(\/\w+)`/.exec(prose) ?? [];
    const [, included] = /indexing policy that includes `([^`]+)`/.exec(prose) ?? [];
    expect(property(database, 'resource.partitionKey.paths')).toEqual([path]);
    const policy = property(database, 'resource.indexingPolicy') as Record<string, unknown>;
    expect(policy['includedPaths']).toEqual([{ path: included }]);
    expect(policy['excludedPaths']).toEqual([{ path: '/*' }]);
    expect(property(database, 'resource.defaultTtl')).toBe(-1);
  });

  it('on the names that the settings give the app', () => {
    const names = (type: string) => ofType(type).map(({ name }) => name.replace(/.*\//, ''));
    expect(names('Microsoft.EventHub/namespaces/eventhubs')).toEqual([settings['EVENT_HUB']]);
    expect(names('Microsoft.EventHub/namespaces/eventhubs/consumergroups')).toContain(
      settings['EVENT_HUB_CONSUMER_GROUP'],
    );
    expect(database.name).toMatch(
      new RegExp(`/${settings['COSMOS_DATABASE']}/${settings['COSMOS_CONTAINER']}$`),
    );
    const containers = names('Microsoft.Storage/storageAccounts/blobServices/containers');
    expect(containers).toContain(settings['STATE_CONTAINER']);
    expect(containers).toContain(settings['OBJECTS_CONTAINER']);
    const queues = names('Microsoft.Storage/storageAccounts/queueServices/queues');
    // The host gives the queue of what it gave up this name, and does not ask.
    const notices = settings['NOTICES_QUEUE'];
    expect(queues).toEqual([notices, `${notices}-poison`, 'results']);
  });
});
