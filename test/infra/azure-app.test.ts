import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figuresLine } from '../../adapters/azure/figures-line.ts';
import { azureConfig } from '../../azure-app/config.ts';
import { writePackage } from '../../infra/archive.ts';
import { watched } from '../../infra/azure/alerts.ts';
import { evaluate, type TemplateJson } from '../../infra/azure/evaluate.ts';
import { azurePackage, packageName } from '../../infra/azure/package.ts';
import { templateText } from '../../infra/azure/template.ts';
import { pipelines } from '../../pipelines/index.ts';
import { published } from '../apps/storm-pipeline.ts';
import { readRepository } from '../tidy/repository.ts';
import { startPackage } from './start-package.ts';

const root = join(import.meta.dirname, '../..');
const template: TemplateJson = JSON.parse(templateText());

/** The settings as the app gets them. */
function settingsWith(given: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  const site = evaluate(template, given).find(({ type }) => type === 'Microsoft.Web/sites');
  const { siteConfig } = site!['properties'] as {
    readonly siteConfig: { readonly appSettings: { name: string; value: string }[] };
  };
  return Object.fromEntries(siteConfig.appSettings.map(({ name, value }) => [name, value]));
}

describe('the app and its settings', () => {
  /** What the app reads and the template leaves to its default, or never sets in the cloud. */
  const leftOut = [
    ...['COSMOS', 'EVENT_HUBS', 'STORAGE'],
    ...['COSMOS_REQUEST_UNITS', 'PACK_LINGER_MS', 'PROCESS_SECONDS'],
  ];
  /**
   * What others than the app's configuration read (the host, its extensions, the client of the identity), or the app
   * once a pipeline publishes there.
   */
  const ofOthers =
    /^(SINK_|AzureWebJobs(Storage__|DisableHomepage$)|APPLICATIONINSIGHTS_|AZURE_TOKEN_CREDENTIALS$)|__(credential|clientId)$/;

  it.each(['cosmos', 'blob'])('agree: the app takes them, with its state in %s', (stateStore) => {
    const config = azureConfig(settingsWith({ stateStore }), pipelines);
    expect(config.stateStore.kind).toBe(stateStore);
    expect(config.eventHubs.kind).toBe('identity');
    expect(config.storage.kind).toBe('identity');
    expect(config.identityClientId).toBe(settingsWith()['EVENT_HUBS__clientId']);
  });

  it('agree: each that the app reads is set, and each that is set is read', () => {
    const read = new Set<string>();
    for (const stateStore of ['cosmos', 'blob']) {
      const settings = new Proxy(settingsWith({ stateStore }), {
        get(target, name: string) {
          read.add(name);
          return target[name];
        },
      });
      azureConfig(settings, pipelines);
    }
    const set = Object.keys(settingsWith()).filter((name) => !ofOthers.test(name));
    expect([...read].filter((name) => !leftOut.includes(name)).sort()).toEqual(set.sort());
  });

  it.each([
    { given: {}, sink: { kind: 'queue', place: 'results' } },
    { given: { results: 'stream' }, sink: { kind: 'stream', place: 'results' } },
    {
      given: { results: 'webhook', resultsWebhook: 'https://a.example/rows' },
      sink: {
        ...{ kind: 'webhook', url: 'https://a.example/rows' },
        secret: '@Microsoft.KeyVault(VaultName=VAULT;SecretName=millrace-results)',
      },
    },
  ])('agree on where views publish to: $sink.kind', ({ given, sink }) => {
    const { sinks } = azureConfig(settingsWith(given), [published]);
    const text = JSON.stringify(sinks).replace(/(?<=VaultName=)[\w-]+/, 'VAULT');
    expect(JSON.parse(text)).toEqual({ results: sink });
  });

  it('agree on how long the stream keeps records, and in how many buckets keys are', () => {
    const given = { retentionHours: 24, bucketCount: 128 };
    const { retentionSeconds, bucketCount } = azureConfig(settingsWith(given), pipelines);
    expect([retentionSeconds, bucketCount]).toEqual([86_400, 128]);
  });

  it('agree on the figures and the lines that alerts look at', () => {
    const sources = readRepository(root).filter(({ path }) =>
      /^(core|adapters|azure-app)\/.*\.ts$/.test(path),
    );
    const text = sources.map((file) => file.text).join('\n');
    const figures = watched.flatMap((of) => ('figure' in of ? [of.figure] : []));
    expect(figures.length).toBeGreaterThan(0);
    expect(figures.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
    const labels = { pipeline: 'p', partition: '0' };
    const kept = { values: 1, min: 2, max: 2 };
    const line = figuresLine([{ name: 'lag_seconds', kind: 'gauge', value: 2, labels, ...kept }]);
    expect(line).toContain('"millrace":"figures"');
    expect(JSON.parse(line).figures[0]).toMatchObject({ name: 'lag_seconds', value: 2, labels });
    const texts = watched.flatMap((of) => ('lines' in of ? [of.lines] : []));
    expect(texts.length).toBeGreaterThan(0);
    for (const each of texts) {
      expect(text).toContain(each.replace(/^"(\w+)":"(\w+)"$/, "$1: '$2'"));
    }
  });
});

describe('the package of the app', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-app-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(async () => {
    writePackage(await azurePackage(root), folder, packageName);
  });

  it('starts alone with the settings of the template, and registers its five functions', () => {
    const { registered, errors } = startPackage(join(folder, 'azure'), settingsWith());
    expect(errors).toBe('');
    const found = registered.map(({ name, trigger: { type, authLevel } }) => [
      ...[name, type],
      ...(authLevel === undefined ? [] : [authLevel]),
    ]);
    expect(found.sort()).toEqual([
      ['ingest', 'httpTrigger', 'function'],
      ['maintain', 'timerTrigger'],
      ['poison', 'queueTrigger'],
      ['process', 'eventHubTrigger'],
      ['query', 'httpTrigger', 'function'],
    ]);
  });

  it('names only connections and settings that the template sets', () => {
    const settings = settingsWith();
    const { registered } = startPackage(join(folder, 'azure'), settings);
    const triggers = registered.map(({ trigger }) => trigger);
    const text = JSON.stringify(triggers);
    const named = [...text.matchAll(/%(\w+)%/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in settings))).toEqual([]);
    const connections = triggers.flatMap(({ connection }) => connection ?? []);
    expect(connections.sort()).toEqual(['EVENT_HUBS', 'STORAGE']);
    expect(connections.filter((name) => !(`${name}__credential` in settings))).toEqual([]);
  });

  it('says all that is missing when it is started without settings', () => {
    const { registered, errors } = startPackage(join(folder, 'azure'), {});
    expect(registered).toEqual([]);
    expect(errors).toContain('EVENT_HUB must be set');
    expect(errors.length).toBeLessThan(4_000);
  });

  it('has the host give up a notice after the five times that the alert speaks of', () => {
    const host = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
    expect(host.extensions.queues.maxDequeueCount).toBe(5);
  });

  it('has the host write the lines that alerts look at, and not two for every batch', () => {
    const { logging } = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
    expect(logging.applicationInsights.samplingSettings.excludedTypes).toContain('Trace');
    expect(logging.logLevel).toEqual({
      // The start and the end of each invocation, a request each: they would cost more than the rest of the system.
      default: 'Warning',
      'Host.Results': 'Error',
      'Host.Function.Console': 'Information',
      'Function.maintain.User': 'Information',
    });
  });
});
