import { call, idOf, type Resource, resource } from './arm.ts';
import { cosmosAccount } from './cosmos.ts';
import { eventHubsNamespace } from './event-hubs.ts';
import { keyVault } from './key-vault.ts';
import { localName } from './names.ts';
import { given } from './parameters.ts';

/** Where all logs go. The cap keeps a log that runs wild from costing more than the system. */
export const workspace = resource(
  'Microsoft.OperationalInsights/workspaces@2025-02-01',
  localName('logs'),
  {
    location: given('location'),
    tags: given('tags'),
    properties: {
      sku: { name: 'PerGB2018' },
      retentionInDays: given('logDays'),
      workspaceCapping: { dailyQuotaGb: given('logGigabytesPerDayMax') },
      features: { disableLocalAuth: true },
    },
  },
);

/** What the app does. Only identities may write: the connection string names the place and opens nothing. */
export const insights = resource(
  'Microsoft.Insights/components@2020-02-02',
  localName('insights'),
  {
    location: given('location'),
    tags: given('tags'),
    kind: 'web',
    properties: {
      Application_Type: 'web',
      WorkspaceResourceId: idOf(workspace),
      IngestionMode: 'LogAnalytics',
      DisableLocalAuth: true,
    },
  },
);

/** Who changed what, and who read a secret. Metrics are there without this, and logs of each request would cost. */
export const diagnosticSettings: readonly Resource[] = [
  diagnosticsOf(eventHubsNamespace, 'OperationalLogs'),
  diagnosticsOf(cosmosAccount, 'ControlPlaneRequests'),
  diagnosticsOf(keyVault, 'AuditEvent'),
];

function diagnosticsOf(scope: Resource, category: string): Resource {
  return resource(
    'Microsoft.Insights/diagnosticSettings@2021-05-01-preview',
    'millrace',
    { properties: { workspaceId: idOf(workspace), logs: [{ category, enabled: true }] } },
    { scope, condition: scope.condition },
  );
}

/** Who is told of alerts, if an address is given. */
export const actionGroup = resource(
  'Microsoft.Insights/actionGroups@2023-01-01',
  localName('alerts'),
  {
    location: 'Global',
    tags: given('tags'),
    properties: {
      groupShortName: 'millrace',
      enabled: true,
      emailReceivers: [
        { name: 'mail', emailAddress: given('alertEmail'), useCommonAlertSchema: true },
      ],
    },
  },
  { condition: call('not', call('empty', given('alertEmail'))) },
);
