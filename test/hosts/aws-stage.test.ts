import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsApp, bundleTo, startAwsApp } from './aws-app.ts';
import { type AwsPlaces, type AwsStage, awsPlaces, startAwsStage } from './aws-stage.ts';
import { LambdaRecorder } from './lambda/lambda-events.ts';

const root = join(import.meta.dirname, '../..');
const events = new LambdaRecorder();
let folder: string;
let stage: AwsStage;
let places: AwsPlaces;
let app: AwsApp;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-aws-'));
  await bundleTo(folder, join(root, 'aws-app/main.ts'));
  stage = await startAwsStage();
  places = await awsPlaces(stage, { name: 'flights', shards: 2 });
  app = await startAwsApp(stage, places, {
    taskRoot: folder,
    settings: { PACK_LINGER_MS: '0' },
    host: { pollMs: 50, onEvent: events.onEvent },
  });
});
afterAll(async () => {
  await app.stop();
  await stage.stop();
  rmSync(folder, { recursive: true });
});

interface Row {
  readonly key: Readonly<Record<string, unknown>>;
  readonly measures: Readonly<Record<string, unknown>>;
}

const flight = (id: string, origin: string) => ({
  ...{ id, origin, destination: 'LAX', date: '2001-01-01T10:00:00Z', delay: 5, distance: 337 },
});

/** Sends events; gives the status of the answer. */
async function send(...given: readonly object[]): Promise<number> {
  const body = given.map((event) => JSON.stringify(event)).join('\n');
  const headers = { 'content-type': 'application/x-ndjson' };
  const { status } = await fetch(`${app.url}/v1/events`, { method: 'POST', headers, body });
  return status;
}

async function status(): Promise<{ counts: Record<string, number>; deadLetters: unknown }> {
  const response = await fetch(`${app.url}/v1/status`);
  const { pipelines } = (await response.json()) as { pipelines: unknown[] };
  return pipelines[0] as Awaited<ReturnType<typeof status>>;
}

describe('the app on the stage', () => {
  it('takes events and answers queries through its front door', async () => {
    expect(await send(flight('1', 'SFO'), flight('2', 'SFO'), flight('3', 'JFK'))).toBe(202);
    const range = 'from=2001-01-01&to=2001-01-02&order=-flights';
    const ask = async () => {
      const response = await fetch(`${app.url}/v1/views/byOrigin?${range}`);
      const { rows } = (await response.json()) as { rows: Row[] };
      return rows.map(({ key, measures }) => [key['origin'], measures['flights']]);
    };
    await expect.poll(ask, { timeout: 30_000 }).toEqual([
      ['SFO', 2],
      ['JFK', 1],
    ]);
  });

  it('takes what is wrong as dead letters, whose notices reach their index', async () => {
    const record = { PartitionKey: 'SFO', Data: Buffer.from('{"id":"4","origin":"SFO"}') };
    const StreamName = places.settings['STREAM']!;
    await stage.clients.kinesis.send(new PutRecordCommand({ StreamName, ...record }));
    await events.until('invocation', ({ functionName, error }) => {
      return functionName === 'poison' && error === null;
    });
    await expect.poll(async () => (await status()).deadLetters).toMatchObject({ invalid: 1 });
  });

  it('is maintained when its clock says so', async () => {
    const { functionError } = await app.clock.fire();
    expect(functionError).toBeNull();
    const maintained = /"millrace":"maintained".*"failures":0/;
    await events.until('log', ({ message }) => maintained.test(message));
  });
});

describe('a function URL', () => {
  it.each(['ingest', 'query'])('of %s asks for a signature', async (name) => {
    expect((await fetch(`${app.host.url(name)}/v1/status`)).status).toBe(403);
  });
});

describe('the front door', () => {
  it('signs what is asked, whatever is in it', async () => {
    const query = 'from=2001-01-01&to=2001-01-02&key.origin=a%20b%2B+c%26*%3D=';
    const response = await fetch(`${app.url}/v1/views/byOrigin?${query}`);
    expect([response.status, await response.json()]).toMatchObject([200, { rows: [] }]);
    const odd = await fetch(`${app.url}/v1/views/by%20%C3%A4*`);
    expect(odd.status).toBe(404);
  });

  it('passes on what is refused, with its headers', async () => {
    const response = await fetch(`${app.url}/v1/status`, { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('answers a request that no signature can be made for', async () => {
    const { hostname, port } = new URL(app.url);
    const answered = Promise.withResolvers<number | undefined>();
    request({ hostname, port, path: '/v1/status?%zz' }, ({ statusCode }) =>
      answered.resolve(statusCode),
    ).end();
    expect(await answered.promise).toBe(502);
  });
});

describe('the places', () => {
  it('are set up as the template says', async () => {
    const { sqs } = stage.clients;
    const AttributeNames = ['VisibilityTimeout', 'RedrivePolicy'] as const;
    const QueueUrl = places.settings['NOTICES_QUEUE']!;
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    expect(Attributes?.['VisibilityTimeout']).toBe('360');
    expect(JSON.parse(Attributes!['RedrivePolicy']!)).toMatchObject({ maxReceiveCount: 5 });
  });
});
