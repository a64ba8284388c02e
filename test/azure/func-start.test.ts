import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { azureConfig } from '../../azure-app/config.ts';
import { writePackage } from '../../infra/archive.ts';
import { azurePackage, packageName } from '../../infra/azure/package.ts';
import { pipelines } from '../../pipelines/index.ts';
import { type AzureStage, azureSettings, startAzureStage } from '../hosts/azure-stage.ts';
import { FunctionsHost } from '../hosts/functions-host.ts';
import { newFolder } from '../local/folder.ts';

const root = join(import.meta.dirname, '../..');
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const template: Record<string, string> = json('azure-app/local.settings.template.json').Values;

/** The settings of host.json that we use, with the ranges that their documentation gives. */
const documented: Readonly<Record<string, (value: unknown) => boolean>> = {
  version: (value) => value === '2.0',
  'extensionBundle.id': (value) => value === 'Microsoft.Azure.Functions.ExtensionBundle',
  'extensionBundle.version': (value) => value === '[4.*, 5.0.0)',
  functionTimeout: isSpan(1, 600),
  'extensions.eventHubs.maxEventBatchSize': isWhole(1, 10_000),
  'extensions.eventHubs.minEventBatchSize': isWhole(1, 10_000),
  'extensions.eventHubs.maxWaitTime': isSpan(0, 600),
  'extensions.eventHubs.batchCheckpointFrequency': isWhole(1, 1_000),
  'extensions.eventHubs.prefetchCount': isWhole(1, 10_000),
  'extensions.http.routePrefix': (value) => value === '',
  'extensions.queues.messageEncoding': (value) => value === 'base64' || value === 'none',
  'extensions.queues.maxDequeueCount': isWhole(1, 100),
  'extensions.queues.batchSize': isWhole(1, 32),
  'extensions.queues.visibilityTimeout': isSpan(0, 604_800),
  'logging.logLevel.default': isLevel,
  'logging.logLevel.Host.Results': isLevel,
  'logging.logLevel.Host.Function.Console': isLevel,
  'logging.logLevel.Function.maintain.User': isLevel,
  'logging.applicationInsights.samplingSettings.isEnabled': (value) => typeof value === 'boolean',
  'logging.applicationInsights.samplingSettings.excludedTypes': (value) =>
    typeof value === 'string' &&
    value.split(';').every((type) => ['Request', 'Exception', 'Trace'].includes(type)),
};

function isLevel(value: unknown): boolean {
  return ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'None'].includes(String(value));
}

function isWhole(min: number, max: number) {
  return (value: unknown): boolean =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/** A .NET time span `hh:mm:ss`, in seconds. */
function isSpan(min: number, max: number) {
  return (value: unknown): boolean => {
    const [, h, m, s] = /^(\d\d):(\d\d):(\d\d)$/.exec(String(value)) ?? [];
    const seconds = Number(h) * 3_600 + Number(m) * 60 + Number(s);
    return seconds >= min && seconds <= max;
  };
}

function leaves(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, member]) =>
    leaves(member, path === '' ? name : `${path}.${name}`),
  );
}

let stage: AzureStage;
beforeAll(async () => {
  stage = await startAzureStage();
});
afterAll(() => stage.stop());

test('host.json holds settings that are documented, within their ranges', () => {
  for (const [path, value] of leaves(json('host.json'), '')) {
    expect(documented[path]?.(value), `${path}: ${value}`).toBe(true);
  }
});

test('a batch has less time than the host gives a function', () => {
  const { processSeconds } = azureConfig(template, pipelines);
  const [hours, minutes, seconds] = json('host.json').functionTimeout.split(':').map(Number);
  expect(processSeconds).toBeLessThan(hours * 3_600 + minutes * 60 + seconds);
});

test.each(['cosmos', 'blob'])('the template holds all settings of an app on %s', (store) => {
  const asked = new Set<string>();
  const watched = new Proxy<Record<string, string>>(
    { ...template, STATE_STORE: store },
    {
      get(values, name: string) {
        asked.add(name);
        return values[name];
      },
    },
  );
  azureConfig(watched, pipelines);
  const optional = [
    ...['EVENT_HUB_READER_GROUP', 'STREAM_RETENTION_HOURS', 'BUCKET_COUNT', 'PACK_LINGER_MS'],
    ...['PROCESS_SECONDS', 'IDENTITY_CLIENT_ID'],
  ];
  expect([...asked].filter((name) => !(name in template)).sort()).toEqual(optional.sort());
});

test('the stage has what the template names', async () => {
  const scene = { name: 'flights', partitions: 4, stateStore: 'cosmos' } as const;
  const settings = await azureSettings(stage, scene);
  const places = Object.entries(template).filter(([, value]) => !/[=;]/.test(value));
  expect(Object.fromEntries(places)).toEqual(
    Object.fromEntries(
      places.map(([name]) => [name, settings[name] ?? { COSMOS_DATABASE: 'millrace' }[name]]),
    ),
  );
});

test('settings that are wrong are all told at once', () => {
  const wrong = { EVENT_HUB: 'x', STATE_STORE: 'sql', BUCKET_COUNT: 'many' };
  expect(() => azureConfig(wrong, pipelines)).toThrowError(
    [
      'the settings are wrong:',
      "  - STATE_STORE must be cosmos or blob, not 'sql'",
      '  - EVENT_HUBS__fullyQualifiedNamespace must be set, or EVENT_HUBS to a connection string',
      '  - COSMOS__accountEndpoint must be set, or COSMOS to a connection string',
      '  - STORAGE__blobServiceUri and STORAGE__queueServiceUri must be set, or STORAGE to a connection string',
      '  - NOTICES_QUEUE must be set',
      "  - BUCKET_COUNT must be a whole number from 1 to 65536, not 'many'",
      '  - EVENT_HUB_CONSUMER_GROUP must be set',
    ].join('\n'),
  );
});

test('the bundle that package.json names registers all functions, and they answer', async () => {
  const { main } = json('package.json');
  const folder = newFolder();
  writePackage(await azurePackage(root), folder, packageName);
  const host = await FunctionsHost.start({
    app: join(folder, 'azure', main),
    hostJson: join(folder, 'azure/host.json'),
    settings: await azureSettings(stage, { name: 'bundle', partitions: 2, stateStore: 'blob' }),
  });
  try {
    const bindings = host.functions.map(({ name, bindings }) => {
      const [trigger] = Object.values(bindings).filter(({ type }) => /trigger/i.test(type));
      return [name, trigger?.type];
    });
    expect(Object.fromEntries(bindings)).toEqual({
      process: 'eventHubTrigger',
      ingest: 'httpTrigger',
      query: 'httpTrigger',
      maintain: 'timerTrigger',
      poison: 'queueTrigger',
    });
    const headers = { 'x-functions-key': 'function-key' };
    const views = await fetch(`${host.url}/v1/views`, { headers });
    expect([views.status, Object.keys((await views.json()) as object)]).toEqual([200, ['views']]);
    const description = await (await fetch(`${host.url}/openapi.json`, { headers })).json();
    expect(description).toMatchObject({
      security: [{ key: [] }],
      components: { securitySchemes: { key: { in: 'header', name: 'x-functions-key' } } },
    });
    for (const path of ['/v1/views', '/v1/health']) {
      expect((await fetch(`${host.url}${path}`)).status).toBe(401);
      expect((await fetch(`${host.url}${path}?code=function-key`)).status).toBe(200);
    }
  } finally {
    await host.stop();
  }
}, 60_000);
