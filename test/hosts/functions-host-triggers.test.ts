import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, setScene, startStage } from './fixture/stage.ts';
import { realWait } from './wait.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

const key = { 'x-functions-key': 'function-key' };

describe('an HTTP function', () => {
  it('gets the request whole and its answer goes back whole', async () => {
    const { control, host } = await setScene(stage);
    const { host: running } = await host();
    const url = `${running.url}/api/events/shop%201?a=1&b=&a=2`;
    const headers = { ...key, 'content-type': 'text/plain' };
    const response = await fetch(url, { method: 'POST', body: 'ü 1', headers });
    expect(response.status).toBe(202);
    expect(response.headers.get('x-taken')).toBe('yes');
    expect(await response.json()).toEqual({ taken: 3 });
    expect(control.calls[0]!.given).toMatchObject({
      ...{ url, method: 'POST', params: { source: 'shop 1' }, text: 'ü 1', type: 'text/plain' },
    });
  });

  it('asks for a key where its level says so', async () => {
    const { host } = await setScene(stage);
    const { host: running } = await host({ keys: { function: 'f', master: 'm' } });
    const statusOf = async (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      (await fetch(`${running.url}/api/${path}`, { method, headers })).status;
    expect(await statusOf('health')).toBe(200);
    expect(await statusOf('events/x', {}, 'POST')).toBe(401);
    expect(await statusOf('events/x', { 'x-functions-key': 'other' }, 'POST')).toBe(401);
    expect(await statusOf('events/x', { 'x-functions-key': 'f' }, 'POST')).toBe(202);
    expect(await statusOf('events/x?code=f', {}, 'POST')).toBe(202);
    expect(await statusOf('events/x?code=m', {}, 'POST')).toBe(202);
    expect(await statusOf('settings?code=f')).toBe(401);
    expect(await statusOf('settings?code=m')).toBe(200);
    expect(await statusOf('no/such')).toBe(404);
    expect(await statusOf('health', {}, 'POST')).toBe(404);
  });

  it('may answer with bytes, with nothing, and with an error', async () => {
    const { control, host } = await setScene(stage);
    const { host: running, events } = await host();
    const health = await fetch(`${running.url}/api/health`);
    expect(await health.bytes()).toEqual(Uint8Array.of(0, 255));
    expect((await fetch(`${running.url}/api/nothing`, { method: 'DELETE' })).status).toBe(204);
    control.onCall = () => ({ outcome: 'throw' });
    const failed = await fetch(`${running.url}/api/events/x`, { method: 'POST', headers: key });
    expect(failed.status).toBe(500);
    expect(events.of('invocation').at(-1)!.error).toContain('As the test said.');
    running.inject({ kind: 'kill', functionName: 'health' });
    expect((await fetch(`${running.url}/api/health`)).status).toBe(500);
    expect((await fetch(`${running.url}/api/health`)).status).toBe(200);
  });

  it('gets no body without a stated length, as the real host looks at the length alone', async () => {
    const { control, host } = await setScene(stage);
    const { host: running } = await host();
    const sent = request(`${running.url}/api/events/x`, { method: 'POST', headers: key });
    const answered = new Promise<unknown>((resolve) => {
      sent.on('response', (response) => resolve(json(response)));
    });
    sent.write('a');
    sent.end('b');
    expect(await answered).toEqual({ taken: 0 });
    expect(control.calls[0]!.given['text']).toBe('');
  });

  it('is found by the path as it was sent, however odd', async () => {
    const { control, host } = await setScene(stage);
    const { host: running } = await host();
    const address = running.url.replace('http://', '');
    const ask = async (path: string) => {
      // What a URL makes of a path is not what was sent.
      const [hostname, port] = address.split(':');
      const sent = request({ hostname, port, path, method: 'POST', headers: key });
      sent.end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await ask('/api/events/%E0%A4%A')).toBe(202);
    expect(control.calls[0]!.given['params']).toEqual({ source: '%E0%A4%A' });
    expect(await ask('//api//events/x')).toBe(404);
    expect(await ask('//other.example/api/events/x')).toBe(404);
    expect(await ask('//')).toBe(404);
    expect(await ask(`http://${address}/api/events/x`)).toBe(202);
  });

  it('runs between the hooks of the app, which may change what it is and what it gives', async () => {
    const { host } = await setScene(stage);
    const { host: running } = await host();
    expect(await (await fetch(`${running.url}/api/hooked`)).json()).toEqual({
      before: ['started'],
      error: 'Error: The hook has replaced the function.',
    });
  });

  it('is where host.json says', async () => {
    const { host } = await setScene(stage);
    const hostJson = { version: '2.0', extensions: { http: { routePrefix: '' } } };
    const { host: running } = await host({ hostJson });
    expect((await fetch(`${running.url}/health`)).status).toBe(200);
  });
});

describe('an HTTP function with streams', () => {
  const app = new URL('fixture/streaming-app.ts', import.meta.url).pathname;

  it('answers while the request is still being sent', async () => {
    const { host } = await setScene(stage);
    const { host: running } = await host({ app });
    const sent = request(`${running.url}/api/echo/a%20b?q=1`, { method: 'POST' });
    sent.write('first');
    const response = await new Promise<IncomingMessage>((resolve) =>
      sent.once('response', resolve),
    );
    expect(response.statusCode).toBe(201);
    expect(response.headers).toMatchObject({ 'x-name': 'a b', 'x-query': '1' });
    const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toBe('first');
    sent.end('second');
    expect((await chunks.next()).value).toBe('second');
    expect((await chunks.next()).done).toBe(true);
  });

  it('that throws is an error 500', async () => {
    const { host } = await setScene(stage);
    const { host: running } = await host({ app });
    const response = await fetch(`${running.url}/api/echo/throw`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(500);
    expect((await fetch(`${running.url}/api/echo/get`)).status).toBe(201);
  });
});

describe('a timer function', () => {
  it('runs when it is fired, with the state of its schedule', async () => {
    const { control, host } = await setScene(stage);
    const { host: running } = await host();
    expect((await running.fireTimer('tick')).error).toBeNull();
    const { isPastDue, schedule, scheduleStatus } = control.calls[0]!.given as {
      isPastDue: boolean;
      schedule: unknown;
      scheduleStatus: { next: string };
    };
    expect({ isPastDue, schedule }).toEqual({ isPastDue: false, schedule: { adjustForDST: true } });
    const next = Date.parse(scheduleStatus.next);
    expect(next % 300_000).toBe(0);
    expect(next).toBeGreaterThan(Date.now());
    control.onCall = () => ({ outcome: 'throw' });
    expect((await running.fireTimer('tick')).error?.message).toContain('As the test said.');
  });

  it('fires by its schedule, if the host is told so, and has no state if that is often', async () => {
    const { control, host } = await setScene(stage);
    await host({ schedules: true, wait: realWait, settings: { TICK: '* * * * * *' } });
    const { given } = await control.until();
    expect(given['scheduleStatus']).toBeNull();
  });
});

describe('a queue function', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it('gets a message and removes it', async () => {
    const { control, queue, host } = await setScene(stage);
    await queue.sendMessage(base64('{"a":{"b":1}}'));
    const { events } = await host();
    const { given } = await control.until();
    expect(given).toMatchObject({ entry: { a: { b: 1 } }, dequeueCount: 1 });
    await events.until('invocation');
    await expect.poll(async () => (await queue.getProperties()).approximateMessagesCount).toBe(0);
  });

  it('sees members of the body in place of the metadata of that name', async () => {
    const { control, queue, host } = await setScene(stage);
    await queue.sendMessage(base64('{"dequeueCount":99,"ID":"mine","other":1}'));
    await host();
    const { given } = await control.until();
    expect(given).toMatchObject({ dequeueCount: 99, id: 'mine' });
  });

  it('that fails five times leaves the message in the poison queue', async () => {
    const { control, queue, poison, host } = await setScene(stage);
    control.onCall = () => ({ outcome: 'throw' });
    await queue.sendMessage(base64('not JSON'));
    const { events } = await host();
    const { queueName, body } = await events.until('poison');
    expect({ queueName, body }).toEqual({ queueName: poison.name, body: 'not JSON' });
    const counts = control.calls.map(({ given }) => given['dequeueCount']);
    expect(counts).toEqual([1, 2, 3, 4, 5]);
    const { peekedMessageItems } = await poison.peekMessages();
    expect(peekedMessageItems.map(({ messageText }) => messageText)).toEqual([base64('not JSON')]);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
  });

  it('that is killed with its host gets the message again when it is visible', async () => {
    const { control, queue, host } = await setScene(stage);
    control.onCall = () => new Promise(() => {});
    await queue.sendMessage(base64('a'));
    const first = await host();
    await control.until();
    await first.host.kill();
    expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
    expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
    control.onCall = () => ({ outcome: 'succeed' });
    await stage.azurite.advance(601_000);
    await host();
    const { given } = await control.until(() => true, 2);
    expect(given['dequeueCount']).toBe(2);
  });

  it('may get plain texts', async () => {
    const { control, queue, host } = await setScene(stage);
    await queue.sendMessage('plain');
    const queues = { messageEncoding: 'none' };
    await host({ hostJson: { version: '2.0', extensions: { queues } } });
    expect((await control.until()).given['entry']).toBe('plain');
  });
});
