import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricNames } from '../../adapters/aws/emf-line.ts';
import { awsConfig } from '../../aws-app/config.ts';
import { writePackage } from '../../infra/archive.ts';
import { watched } from '../../infra/aws/alarms.ts';
import { type Evaluated, evaluate, type TemplateJson } from '../../infra/aws/evaluate.ts';
import { awsPackage, packageName } from '../../infra/aws/package.ts';
import { templatePaths } from '../../infra/aws/template.ts';
import { pipelines } from '../../pipelines/index.ts';
import { published } from '../apps/storm-pipeline.ts';
import { readRepository } from '../tidy/repository.ts';

const root = join(import.meta.dirname, '../..');
const template: TemplateJson = JSON.parse(readFileSync(templatePaths.millrace, 'utf8'));

function functions(given: Readonly<Record<string, string>> = {}): Evaluated[] {
  const parameters = { codeBucket: 'code', codeKey: 'key', ...given };
  const all = evaluate(template, { stack: 'millrace', parameters });
  return all.filter(({ Type }) => Type === 'AWS::Lambda::Function');
}

/** The settings as each function gets them. */
function settingsWith(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [first, ...rest] = functions(given).map(({ Properties }) => {
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    return Variables;
  });
  for (const other of rest) expect(other).toEqual(first);
  const texts = Object.entries(first!).map(([name, value]) => [name, String(value)]);
  return { ...Object.fromEntries(texts), NOTICES_QUEUE: 'https://sqs.example/1/notices' };
}

describe('the app and its settings', () => {
  /** What the app reads and the template leaves to its default, or never sets in the cloud. */
  const leftOut = ['OBJECTS_PATH_STYLE', 'PACK_LINGER_MS'];
  /** What is read once a pipeline publishes there. */
  const sinks = /^SINK_/;

  it('agree: each that the app reads is set, and each that is set is read', () => {
    const read = new Set<string>();
    const settings = new Proxy(settingsWith(), {
      get(target, name: string) {
        read.add(name);
        return target[name];
      },
    });
    awsConfig(settings, pipelines);
    expect([...read].filter((name) => !leftOut.includes(name)).sort()).toEqual(
      Object.keys(settingsWith())
        .filter((name) => !sinks.test(name))
        .sort(),
    );
  });

  it.each([
    { given: {}, sink: { kind: 'queue', place: '<ResultsQueue>' } },
    { given: { results: 'stream' }, sink: { kind: 'stream', place: '<ResultsStream>' } },
    {
      given: { results: 'webhook', resultsWebhook: 'https://a.example/rows' },
      sink: {
        ...{ kind: 'webhook', url: 'https://a.example/rows' },
        secret: '{{resolve:secretsmanager:millrace-results}}',
      },
    },
  ])('agree on where views publish to: $sink.kind', ({ given, sink }) => {
    const { sinks } = awsConfig(settingsWith(given), [published]);
    expect(sinks).toEqual({ results: sink });
  });

  it('agree on how long the stream keeps records, and in how many buckets keys are', () => {
    const given = { retentionHours: '48', bucketCount: '128' };
    const { retentionSeconds, bucketCount } = awsConfig(settingsWith(given), pipelines);
    expect([retentionSeconds, bucketCount]).toEqual([172_800, 128]);
  });

  it('agree on the figures that alarms look at, and on where they are', () => {
    const sources = readRepository(root).filter(({ path }) =>
      /^(core|adapters|aws-app)\/.*\.ts$/.test(path),
    );
    const counted = sources.filter(({ path }) => !path.endsWith('emf-line.ts'));
    const text = counted.map((file) => file.text).join('\n');
    expect(metricNames.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
    expect(metricNames).toEqual(expect.arrayContaining(Object.values(watched)));
    // The first ten metrics of an account are free.
    expect(metricNames.length).toBeLessThanOrEqual(10);
    const parameters = { codeBucket: 'code', codeKey: 'key' };
    const alarms = evaluate(template, { stack: 'millrace', parameters });
    const { metricsNamespace } = awsConfig(settingsWith(), pipelines);
    for (const [name, figure] of Object.entries(watched)) {
      const id = `${name.replace(/(^|-)./g, (part) => part.slice(-1).toUpperCase())}Alarm`;
      const alarm = JSON.stringify(alarms.find((one) => one.id === id));
      expect(alarm, id).toContain(`"MetricName":"${figure}"`);
      expect(alarm).toContain(`"Namespace":"${metricsNamespace}"`);
    }
  });
});

describe('the package of the app', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-app-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(async () => {
    writePackage(await awsPackage(root), folder, packageName);
  });

  function start(settings: Readonly<Record<string, string>>) {
    // Lambda's runtime hands out the one global.
    const list =
      'globalThis.awslambda = { streamifyResponse: (handler) => handler };' +
      "import('./main.mjs').then((app) => console.log(JSON.stringify(Object.keys(app))))";
    return spawnSync(process.execPath, ['--eval', list], {
      cwd: join(folder, 'aws'),
      encoding: 'utf8',
      // As Lambda sets it for every function.
      env: { ...settings, AWS_REGION: 'eu-west-1' },
    });
  }

  it('starts alone with the settings of the template, and has the handler of each function', () => {
    const { stdout, stderr } = start(settingsWith());
    expect(stderr).toBe('');
    const handlers = functions().map(({ Properties }) => String(Properties['Handler']));
    expect(handlers).toHaveLength(5);
    const exported = (JSON.parse(stdout) as string[]).map((name) => `main.${name}`);
    expect(exported.sort()).toEqual(handlers.sort());
  });

  it('says all that is missing when it is started without settings', () => {
    const { stdout, stderr } = start({});
    expect(stdout).toBe('');
    expect(stderr).toContain('STREAM must be set');
    expect(stderr).toContain('STATE_TABLE must be set');
    expect(stderr.length).toBeLessThan(4_000);
  });
});
