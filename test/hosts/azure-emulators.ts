#!/usr/bin/env node
/** `npm run azure:emulators`: what the app needs around it when the Azure Functions Core Tools run it (`func start`). */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from '../../cli/command.ts';
import { runScript } from '../../cli/script.ts';
import { untilStopped } from '../../cli/until-stopped.ts';
import { developmentPorts } from '../emulators/azurite.ts';
import { azureSettings, startStage } from './azure-stage.ts';

/** The ports that local.settings.template.json names. */
const ports = { azurite: developmentPorts, cosmos: 8_081, eventHubs: 5_672 };
const root = join(import.meta.dirname, '../..');
const settingsFile = join(root, 'local.settings.json');
const streamBytes = 256_000_000;

const command = defineCommand({
  name: 'azure:emulators',
  summary: 'Run what the app for Azure needs around it under the Azure Functions Core Tools',
  usage: 'azure:emulators -- [options]',
  options: {
    'azurite-alone': {
      type: 'boolean',
      description: 'Keep the state in Azurite, and start no Cosmos DB',
    },
  },
  async run(values) {
    const stateStore = values['azurite-alone'] ? 'blob' : 'cosmos';
    const stage = await startStage(stateStore, ports);
    await azureSettings(stage, {
      ...{ name: 'flights', partitions: 4, stateStore, retentionBytes: streamBytes },
    });
    const written = writeSettings(stateStore);
    const stores = stateStore === 'cosmos' ? 'Azurite, Cosmos DB' : 'Azurite';
    console.log(`The emulators are ready: ${stores}, Event Hubs.
${written} In another terminal:

  npm run azure:build
  func start

All that they hold is in memory: Ctrl-C ends and forgets it.`);
    await untilStopped();
    await stage.stop();
    return 0;
  },
});

/** Writes local.settings.json from the template, unless there is one. */
function writeSettings(stateStore: string): string {
  if (existsSync(settingsFile)) {
    return `local.settings.json is there already; STATE_STORE must be ${stateStore} in it.`;
  }
  const template = join(root, 'azure-app/local.settings.template.json');
  const settings = JSON.parse(readFileSync(template, 'utf8'));
  settings.Values.STATE_STORE = stateStore;
  writeFileSync(settingsFile, `${JSON.stringify(settings, null, 2)}\n`);
  return 'local.settings.json was written.';
}

await runScript(command);
