import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventHubProducerClient, type ReceivedEventData } from '@azure/event-hubs';
import { ingressRecords } from '../../cost/azure/stream.ts';
import { createUnits, queryUnits, readUnits, replaceUnits } from '../../cost/cosmos-units.ts';
import { bundle } from '../../infra/bundle.ts';
import { type AzureStage, azureSettings, startAzureStage } from '../hosts/azure-stage.ts';
import { FunctionsHost } from '../hosts/functions-host.ts';
import { queryPath, type ReplayCloud } from './cloud.ts';
import { type AnsweredCall, CountingProxy } from './counting-proxy.ts';
import { Counts, countInvocation } from './counts.ts';

const name = 'clicks';
const hostJson = join(import.meta.dirname, '../../host.json');
/** What the service adds to an item of its own: `_rid`, `_self`, `_etag`, `_ts` and their names. */
const serviceBytes = 250;
const once = { maxRetries: 0 };

/** Counts a call of Cosmos DB. The emulator charges one for all: the units are those of the sizes that went by. */
function countCosmos(counts: Counts, call: AnsweredCall): void {
  const { method, url, headers, body, answer, status } = call;
  if (!url.includes('/docs')) return;
  const add = (isEntry: boolean, units: number): void => {
    const use = counts.useOf(isEntry);
    counts.add(`request units of ${use}`, units);
    counts.add(`calls for ${use}`);
  };
  const isQuery = String(headers['content-type']).includes('query+json');
  if (isQuery) {
    const { Documents } = JSON.parse(answer) as { Documents: readonly object[] };
    add(false, queryUnits(Documents.map((one) => JSON.stringify(one).length + serviceBytes)));
  } else if (method === 'POST') {
    const isEntry = (JSON.parse(body) as { id: string }).id.startsWith('e-');
    add(isEntry, createUnits(body.length + serviceBytes));
  } else if (method === 'PUT') add(false, replaceUnits(body.length + serviceBytes));
  else add(false, readUnits(status === 404 ? 0 : answer.length));
}

/** The app for Azure as it is deployed, in the stand-in for the Functions host; the replay makes batches. */
export async function openAzure(partitions: number): Promise<ReplayCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-replay-'));
  const entry = join(import.meta.dirname, 'azure-app.ts');
  const [stage, { bytes }] = await Promise.all([
    startAzureStage(),
    bundle({ entry, external: ['@azure/functions-core'] }),
  ]);
  const app = join(folder, 'app.mjs');
  writeFileSync(app, bytes);
  const counts = new Counts();
  const { settings, proxies } = await countedSettings(stage, counts, partitions);
  const hostOf = (hub: string): Promise<FunctionsHost> =>
    FunctionsHost.start({
      ...{ app, hostJson, settings: { ...settings, EVENT_HUB: hub } },
      onEvent: (event) => {
        if (event.kind === 'invocation') countInvocation(counts, event.functionName);
      },
    });
  const host = await hostOf(name);
  // Flex Consumption answers queries on instances of their own; a hub without events keeps this one from batches.
  stage.eventHubs.addHub('none', { partitions, consumerGroups: ['millrace'] });
  const answering = await hostOf('none');
  const hub = host.hub('process');
  for (let i = 0; i < partitions; i += 1) hub.pause(String(i));
  const connection = stage.eventHubs.connectionString(name);
  const producer = new EventHubProducerClient(connection, { retryOptions: once });
  const stop = async (): Promise<void> => {
    await producer.close();
    await Promise.all([host.kill(), answering.kill()]);
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await stage.stop();
    rmSync(folder, { recursive: true });
  };
  return cloudOf({ host, answering, producer, counts, partitions, stop });
}

/** The settings of the app, which lead its clients through what counts. */
async function countedSettings(stage: AzureStage, counts: Counts, partitions: number) {
  const settings = await azureSettings(stage, { name, partitions, stateStore: 'cosmos' });
  const cosmos = await CountingProxy.start(stage.cosmos.endpoint, (call) =>
    countCosmos(counts, call),
  );
  const { connection } = stage.azurite;
  const blobEndpoint = /BlobEndpoint=([^;]+)/.exec(connection)![1]!;
  const queueEndpoint = /QueueEndpoint=([^;]+)/.exec(connection)![1]!;
  const blobs = await CountingProxy.start(blobEndpoint, () => counts.add('calls of blobs'));
  // The trigger polls the queue itself; the app looks at the one of what the host has put aside.
  const queues = await CountingProxy.start(queueEndpoint, ({ url }) => {
    if (url.includes('-poison')) counts.add('looks at the queue');
  });
  return {
    proxies: [cosmos, blobs, queues],
    settings: {
      ...settings,
      COSMOS: settings['COSMOS']!.replace(stage.cosmos.endpoint, cosmos.url),
      STORAGE: connection.replace(blobEndpoint, blobs.url).replace(queueEndpoint, queues.url),
    },
  };
}

interface Parts {
  readonly host: FunctionsHost;
  readonly answering: FunctionsHost;
  readonly producer: EventHubProducerClient;
  readonly counts: Counts;
  readonly partitions: number;
  readonly stop: () => Promise<void>;
}

function cloudOf({ host, answering, producer, counts, partitions, stop }: Parts): ReplayCloud {
  const numbers = Array.from({ length: partitions }, () => 0);
  return {
    counts,
    stop,
    async bring(partition, bodies) {
      const partitionId = String(partition);
      const events = bodies.map((body) => {
        counts.add('records in', ingressRecords(body.length));
        return { body: Buffer.from(body) };
      });
      await producer.sendBatch(events, { partitionId });
      counts.doing = 'batches';
      const first = numbers[partition]!;
      const records = events.map(({ body }, i) => {
        const sequenceNumber = first + i;
        const offset = String(sequenceNumber);
        return { body, sequenceNumber, offset, enqueuedTimeUtc: new Date() };
      }) as unknown as ReceivedEventData[];
      numbers[partition] = first + events.length;
      const { error } = await host.hub('process').deliver(partitionId, records);
      if (error !== null) throw error;
    },
    async maintain() {
      counts.doing = 'maintenance';
      const { error } = await host.fireTimer('maintain');
      if (error !== null) throw error;
    },
    async query(from, to) {
      counts.doing = 'queries';
      const headers = { 'x-functions-key': 'function-key' };
      const response = await fetch(answering.url + queryPath(from, to), { headers });
      const text = await response.text();
      if (!response.ok) throw new Error(`query: ${text}`);
    },
  };
}
