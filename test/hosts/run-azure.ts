#!/usr/bin/env node
/** `npm run azure`: the app for Azure in a stand-in of the Functions host, over emulators, with demo traffic. */
import { join } from 'node:path';
import { UsageError } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { runScript } from '../../cli/script.ts';
import { azureSettings, startStage } from './azure-stage.ts';
import { demonstrate } from './demo.ts';
import { checkDemoPort, demoOptions, demoQueries, demoSettings } from './demo-options.ts';
import type { HostEvent } from './functions/host-events.ts';
import { FunctionsHost } from './functions-host.ts';

const root = join(import.meta.dirname, '../..');
const streamBytes = 256_000_000;
const key = 'function-key';

const command = defineCommand({
  name: 'azure',
  summary: 'Run the app for Azure on emulators, in a stand-in of the Functions host',
  usage: 'azure -- [options]',
  options: {
    ...demoOptions,
    port: { ...demoOptions.port, default: '7071' },
    'state-store': {
      ...{ type: 'string', placeholder: '<kind>', default: 'cosmos' },
      description: 'Where journals and pages are: cosmos or blob',
    },
    verbose: { type: 'boolean', description: 'Tells every invocation and checkpoint' },
  },
  async run(values) {
    const settings = demoSettings(values);
    const stateStore = values['state-store'];
    if (stateStore !== 'cosmos' && stateStore !== 'blob') {
      throw new UsageError(`--state-store must be cosmos or blob, not ${stateStore}`);
    }
    await checkDemoPort(settings);
    const stage = await startStage(stateStore, {});
    const scene = { name: 'flights', partitions: 4, retentionBytes: streamBytes };
    const host = await FunctionsHost.start({
      app: join(root, 'azure-app/main.ts'),
      hostJson: join(root, 'host.json'),
      settings: await azureSettings(stage, { ...scene, stateStore }),
      ...{ port: settings.port, schedules: true, onEvent: values.verbose ? tellAll : tell },
    });
    console.log(welcome(host.url, stateStore));
    const stop = async (): Promise<void> => {
      await host.stop();
      await stage.stop();
    };
    const app = { url: host.url, headers: { 'x-functions-key': key }, stop };
    await demonstrate(app, settings.paceMs);
    return 0;
  },
});

function welcome(url: string, stateStore: string): string {
  return `Millrace runs as an Azure app on emulators, with ${stateStore} for its state. Try:

${demoQueries(url, `-H 'x-functions-key: ${key}' `)}`;
}

function tellAll(event: HostEvent): void {
  console.log(JSON.stringify(event));
}

/** What a person should know without --verbose. */
function tell(event: HostEvent): void {
  if (event.kind === 'invocation' && event.error !== null) {
    console.log(`${event.functionName} failed: ${event.error}`);
  } else if (event.kind === 'trouble') console.log(`${event.where}: ${event.message}`);
  else if (event.kind === 'worker' && event.state === 'ended') console.log(event.reason);
}

await runScript(command);
