#!/usr/bin/env node
/** `npx node infra/azure/template.ts` writes `template.json`, which a test holds to be current. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alerts } from './alerts.ts';
import { type Body, call, propertiesOf, templateOf } from './arm.ts';
import { cosmosResources } from './cosmos.ts';
import { consumerGroups, eventHubsNamespace, hub, resultsHub } from './event-hubs.ts';
import { functionResources, site } from './function-app.ts';
import { clientId, identity } from './identity.ts';
import { keyVault } from './key-vault.ts';
import { diagnosticSettings, insights, workspace } from './monitoring.ts';
import { globalName, names, variables } from './names.ts';
import { parameters } from './parameters.ts';
import { settings } from './settings.ts';
import { storageResources } from './storage.ts';

/** Everything that Millrace needs in a resource group. */
export const template: Body = templateOf({
  parameters,
  variables,
  resources: [
    identity,
    eventHubsNamespace,
    hub,
    ...consumerGroups,
    resultsHub,
    ...cosmosResources,
    ...storageResources,
    keyVault,
    workspace,
    insights,
    ...functionResources,
    ...diagnosticSettings,
    ...alerts,
  ],
  outputs: {
    functionApp: { type: 'string', value: globalName },
    url: {
      type: 'string',
      value: call('format', 'https://{0}', propertiesOf(site).get('defaultHostName')),
    },
    eventHubsNamespace: {
      type: 'string',
      value: settings['EVENT_HUBS__fullyQualifiedNamespace'],
    },
    eventHub: { type: 'string', value: names.hub },
    clientId: { type: 'string', value: clientId },
  },
});

/** The template as a file. */
export function templateText(): string {
  return `${JSON.stringify(template, null, 2)}\n`;
}

/** Where the template is kept, so that it can be deployed without Node. */
export const templatePath: string = join(import.meta.dirname, 'template.json');

if (import.meta.main) writeFileSync(templatePath, templateText());
