import { gzipSync } from 'node:zlib';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defaultLimits } from '../../../core/limits.ts';
import { settled, statusOf } from '../answers.ts';
import { day } from '../storm-events.ts';
import type { AzureApp } from './azure-app-under-test.ts';
import { AzureHost } from './azure-host.ts';

const host = new AzureHost('blob');
beforeAll(() => host.open());
afterAll(() => host.close());

const event = (n: number, more: object = {}) => ({
  ...{ id: `e${n}`, at: day + n, key: `k${n}`, value: n },
  ...more,
});

/** A body of so many bytes that doesn't say how long it is. */
function inChunks(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const chunk = new Uint8Array(Math.min(left, 65_536)).fill(0x20);
      left -= chunk.length;
      controller.enqueue(chunk);
      if (left === 0) controller.close();
    },
  });
}

/** Posts a body to an app, past `request` with its key. */
async function post(app: AzureApp, body: unknown, path = '/v1/events?code=function-key') {
  const raw = body instanceof Uint8Array || body instanceof ReadableStream;
  const init = { method: 'POST', body: raw ? body : JSON.stringify(body), duplex: 'half' };
  const response = await fetch(app.first.host.url + path, init as RequestInit);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
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

  it('is shut without the key of the function', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    for (const path of ['/v1/events', '/v1/events?code=another']) {
      expect((await post(app, [event(1)], path)).status).toBe(401);
    }
    for (const path of ['/v1/status', '/v1/views/perDay', '/openapi.json']) {
      expect((await fetch(app.first.host.url + path)).status).toBe(401);
      expect((await app.request(path)).status).toBe(200);
    }
    const { partitions } = (await statusOf(app)).get('storm')!;
    expect(partitions).toEqual([]);
  });

  it('refuses bodies over the limits, as they come and unpacked', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    const { requestBytesMax, requestUnpackedBytesMax } = defaultLimits;
    const large = Buffer.alloc(requestBytesMax + 1, ' ');
    expect((await post(app, large)).status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(requestUnpackedBytesMax + 1, ' '));
    expect((await post(app, bomb)).status).toBe(413);
    expect((await post(app, inChunks(3 * requestBytesMax))).status).toBe(413);
    expect((await post(app, [event(1)])).status).toBe(202);
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
  const queues = QueueServiceClient.fromConnectionString(app.settings['STORAGE']!);
  const queue = queues.getQueueClient(app.settings['NOTICES_QUEUE']!);
  for (const notice of notices) await queue.sendMessage(Buffer.from(notice).toString('base64'));
  const { events } = app.first;
  const given = () => events.of('poison').map(({ body }) => body);
  await vi.waitFor(
    async () => {
      // Each time it rests for a minute.
      await host.stage.azurite.advance(61_000);
      expect(given()).toHaveLength(2);
    },
    { timeout: 120_000, interval: 100 },
  );
  expect(given().sort()).toEqual([...notices].sort());
  const tries = events.of('invocation').filter(({ functionName }) => functionName === 'poison');
  expect(tries.map(({ error }) => error !== null)).toEqual(Array(10).fill(true));
  const poison = queues.getQueueClient(`${app.settings['NOTICES_QUEUE']}-poison`);
  await app.maintain();
  const figures = events
    .of('log')
    .flatMap(({ message }) => (message.includes('"millrace":"figures"') ? [message] : []));
  expect(figures.at(-1)).toContain('{"name":"poisoned_notices","labels":{},"value":2,"max":2}');
  const { receivedMessageItems } = await poison.receiveMessages({ numberOfMessages: 32 });
  expect(receivedMessageItems).toHaveLength(2);
});
