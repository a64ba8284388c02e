import { gzipSync } from 'node:zlib';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { defaultLimits } from '../../../core/limits.ts';
import { openFrontDoor } from '../../hosts/aws-front-door.ts';
import { settled, statusOf } from '../answers.ts';
import { day } from '../storm-events.ts';
import type { AwsApp } from './aws-app-under-test.ts';
import { AwsHost } from './aws-host.ts';

const host = new AwsHost();
beforeAll(() => host.open());
afterAll(() => host.close());

const event = (n: number, more: object = {}) => ({
  ...{ id: `e${n}`, at: day + n, key: `k${n}`, value: n },
  ...more,
});

async function post(app: AwsApp, body: unknown) {
  const raw = body instanceof Uint8Array;
  const sent = raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
  const response = await app.request('/v1/events', { method: 'POST', body: sent });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** The address of one function alone, which signs what it is asked. */
async function signedDoorOf({ running }: AwsApp, name: string): Promise<string> {
  const door = await openFrontDoor({ port: 0, route: () => running.host.url(name) });
  onTestFinished(() => door.stop());
  return door.url;
}

describe('the door for events', () => {
  it('takes what is good, and tells of the rest what is wrong with it', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 2 });
    const answer = await post(app, [event(1), { id: 'x' }, event(2), event(3, { at: 'soon' })]);
    expect(answer).toMatchObject({
      status: 202,
      body: { accepted: 2, refused: [{ index: 1, reason: 'invalid' }, { index: 3 }] },
    });
    expect(await post(app, [{ id: 'x' }])).toMatchObject({ status: 422, body: { accepted: 0 } });
    await settled(app);
    expect((await statusOf(app)).get('storm')!.counts).toMatchObject({ received: 2, accepted: 2 });
  });

  it('refuses bodies over the limits, as they come and unpacked', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    const { requestBytesMax, requestUnpackedBytesMax } = defaultLimits;
    const large = Buffer.alloc(requestBytesMax + 1, ' ');
    expect((await post(app, large)).status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(requestUnpackedBytesMax + 1, ' '));
    expect((await post(app, bomb)).status).toBe(413);
    // Lambda itself refuses what has no room in an event.
    expect((await post(app, Buffer.alloc(3 * requestBytesMax, ' '))).status).toBe(413);
    expect((await post(app, [event(1)])).status).toBe(202);
  });
});

describe('the address of a function', () => {
  it('is shut to those who do not sign', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    const { host: lambda } = app.running;
    const body = JSON.stringify(event(1));
    const forged =
      'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/lambda/aws4_request, ' +
      `SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    for (const headers of [{}, { authorization: forged }, { authorization: 'Bearer local' }]) {
      const sent = { method: 'POST', body, headers };
      expect((await fetch(`${lambda.url('ingest')}/v1/events`, sent)).status).toBe(403);
      for (const path of ['/v1/status', '/v1/views/perDay', '/openapi.json']) {
        expect((await fetch(lambda.url('query') + path, { headers })).status).toBe(403);
        expect((await app.request(path)).status).toBe(200);
      }
    }
    expect(app.events.of('invocation').map(({ functionName }) => functionName)).not.toContain(
      'ingest',
    );
    expect((await statusOf(app)).get('storm')!.partitions).toEqual([]);
  });

  it('has its own half of the interface', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    const ingest = await signedDoorOf(app, 'ingest');
    const query = await signedDoorOf(app, 'query');
    const asked = await fetch(`${ingest}/v1/status`);
    expect([asked.status, asked.headers.get('allow')]).toEqual([405, 'POST']);
    const body = JSON.stringify(event(1));
    const sent = await fetch(`${query}/v1/events`, { method: 'POST', body });
    expect([sent.status, sent.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${query}/v1/status`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${ingest}/v1/events`, { method: 'POST', body })).status).toBe(202);
  });
});

it('what can not be read becomes dead letters, with their reasons', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 1 });
  const bodies = ['not JSON', '{"id":"x"}', JSON.stringify(event(13)), JSON.stringify(event(1))];
  await app.put(
    '0',
    bodies.map((body) => ({ arrival: day, body: Buffer.from(body) })),
  );
  await settled(app);
  const { counts, deadLetters } = (await statusOf(app)).get('storm')!;
  expect(counts).toMatchObject({ received: 4, accepted: 1, deadLettered: 3 });
  expect(deadLetters).toEqual({ undecodable: 1, invalid: 1, 'function-failed': 1 });
});

it('a notice that can not be taken rests in a queue of its own after five tries', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 1 });
  const missing = { pipeline: 'storm', partition: '0', entry: 1, count: 1 };
  const object = `kept/storm/1/0/_dead/${'0'.repeat(20)}-${'f'.repeat(16)}`;
  const notices = ['no notice', JSON.stringify({ deadLetters: { ...missing, object } })];
  const { clients, fauxqs } = host.stage;
  const { NOTICES_QUEUE: QueueUrl } = app.places.settings;
  for (const MessageBody of notices) {
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  const aside: string[] = [];
  await vi.waitFor(
    async () => {
      // Each time it rests for six minutes.
      await fauxqs.advance(361_000);
      const { Messages = [] } = await clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: app.places.poisonUrl, MaxNumberOfMessages: 10 }),
      );
      for (const { Body = '' } of Messages) if (!aside.includes(Body)) aside.push(Body);
      expect(aside).toHaveLength(2);
    },
    { timeout: 120_000, interval: 100 },
  );
  expect(aside.sort()).toEqual([...notices].sort());
  const lines = app.events.of('log').filter(({ functionName, message }) => {
    return functionName === 'poison' && /\tERROR\tmessage /.test(message);
  });
  expect(lines).toHaveLength(10);
});
