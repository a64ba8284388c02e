#!/usr/bin/env node
/** `npm run azure`: the app for Azure in a stand-in of the Functions host, over emulators, with demo traffic. */
import { join } from 'node:path';
import { UsageError } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { runScript } from '../../cli/script.ts';
import { wholeNumber } from '../../cli/whole-number.ts';
import { parseDuration } from '../../core/duration.ts';
import { azureSettings, startStage } from './azure-stage.ts';
import { demonstrate } from './demo.ts';
import { checkFree } from './free-port.ts';
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
    port: {
      ...{ type: 'string', placeholder: '<n>', default: '7071' },
      description: 'The port of the API on 127.0.0.1; 0 takes a free one',
    },
    pace: {
      ...{ type: 'string', placeholder: '<duration>', default: '1h' },
      description: 'How much of 2001 passes in a second; none sends nothing',
    },
    'state-store': {
      ...{ type: 'string', placeholder: '<kind>', default: 'cosmos' },
      description: 'Where journals and pages are: cosmos or blob',
    },
    verbose: { type: 'boolean', description: 'Tells every invocation and checkpoint' },
  },
  async run(values) {
    const port = wholeNumber('--port', values.port, 65_535);
    const paceMs = paceOf(values.pace);
    const stateStore = values['state-store'];
    if (stateStore !== 'cosmos' && stateStore !== 'blob') {
      throw new UsageError(`--state-store must be cosmos or blob, not ${stateStore}`);
    }
    const advice = 'choose another with --port, or a free one with --port 0';
    if (port > 0) await checkFree(port, `: ${advice}`);
    const stage = await startStage(stateStore, {});
    const scene = { name: 'flights', partitions: 4, retentionBytes: streamBytes };
    const host = await FunctionsHost.start({
      app: join(root, 'azure-app/main.ts'),
      hostJson: join(root, 'host.json'),
      settings: await azureSettings(stage, { ...scene, stateStore }),
      ...{ port, schedules: true, onEvent: values.verbose ? tellAll : tell },
    });
    console.log(welcome(host.url, stateStore));
    const stop = async (): Promise<void> => {
      await host.stop();
      await stage.stop();
    };
    await demonstrate({ url: host.url, headers: { 'x-functions-key': key }, stop }, paceMs);
    return 0;
  },
});

function paceOf(text: string): number | null {
  if (text === 'none') return null;
  const paceMs = parseDuration(text);
  if (paceMs) return paceMs;
  throw new UsageError(`--pace must be none or a length of time such as 1h, not ${text}`);
}

function welcome(url: string, stateStore: string): string {
  const range = 'from=2001-01-01&to=2001-01-08';
  return `Millrace runs as an Azure app on emulators, with ${stateStore} for its state. Try:

  curl -H 'x-functions-key: ${key}' '${url}/v1/views/byOrigin?${range}&order=-flights&limit=5'
  curl -H 'x-functions-key: ${key}' '${url}/v1/status'

All of it is in memory: Ctrl-C ends and forgets it.
`;
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
