#!/usr/bin/env node
/** `npm run azure`: the app for Azure in a stand-in of the Functions host, over emulators, with demo traffic. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { azureSettings, startAzureStage } from './azure-stage.ts';
import { demonstrate } from './demo.ts';
import type { HostEvent } from './functions/host-events.ts';
import { FunctionsHost } from './functions-host.ts';

const usage = `npm run azure -- [--port 7071] [--pace 1h] [--state-store cosmos] [--verbose]

  --port N         where the API listens on 127.0.0.1 (default 7071; 0 takes a free port)
  --pace DURATION  how much of 2001 passes in a second (default 1h); none: no traffic
  --state-store S  cosmos or blob (default cosmos)
  --verbose        tells every invocation and checkpoint`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '7071' },
    pace: { type: 'string', default: '1h' },
    'state-store': { type: 'string', default: 'cosmos' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '../..');
const streamBytes = 256_000_000;
const key = 'function-key';

if (values.help) console.log(usage);
else await run();

async function run(): Promise<void> {
  const stage = await startAzureStage();
  const stateStore = values['state-store'] === 'blob' ? 'blob' : 'cosmos';
  const scene = {
    name: 'flights',
    partitions: 4,
    stateStore,
    retentionBytes: streamBytes,
  } as const;
  const host = await FunctionsHost.start({
    app: join(root, 'azure-app/main.ts'),
    hostJson: join(root, 'host.json'),
    settings: await azureSettings(stage, scene),
    port: Number(values.port),
    schedules: true,
    onEvent: tell,
  });
  const range = 'from=2001-01-01&to=2001-01-08';
  console.log(`Millrace runs as an Azure app on emulators, with ${stateStore} for its state. Try:

  curl -H 'x-functions-key: ${key}' '${host.url}/v1/views/byOrigin?${range}&order=-flights&limit=5'
  curl -H 'x-functions-key: ${key}' '${host.url}/v1/status'

All of it is in memory: Ctrl-C ends and forgets it.
`);
  const stop = async (): Promise<void> => {
    await host.stop();
    await stage.stop();
  };
  await demonstrate({ url: host.url, headers: { 'x-functions-key': key }, stop }, values.pace);
}

/** What a person should know; all of it with --verbose. */
function tell(event: HostEvent): void {
  if (values.verbose) console.log(JSON.stringify(event));
  else if (event.kind === 'invocation' && event.error !== null) {
    console.log(`${event.functionName} failed: ${event.error}`);
  } else if (event.kind === 'trouble') console.log(`${event.where}: ${event.message}`);
  else if (event.kind === 'worker' && event.state === 'ended') console.log(event.reason);
}
