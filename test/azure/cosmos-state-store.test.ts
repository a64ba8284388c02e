import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import type { HttpClient } from '../../adapters/azure/cosmos-client-options.ts';
import { cosmosStateStore } from '../contract/azure-stores.ts';
import { bytes, expectError, subjectOf } from '../contract/subject.ts';

const key = { partition: 'flights/1/0/3', sort: 'e/00000000000000000007' };
const http = createDefaultHttpClient();

/** An HTTP client that may change requests on their way and answers on theirs. */
function speaking(
  ask: (request: Parameters<HttpClient['sendRequest']>[0]) => void,
  hear: (response: Awaited<ReturnType<HttpClient['sendRequest']>>) => void = () => undefined,
): HttpClient {
  return {
    sendRequest: async (request) => {
      ask(request);
      const response = await http.sendRequest(request);
      hear(response);
      return response;
    },
  };
}

const isQuery = (headers: { readonly get: (name: string) => string | undefined }) =>
  headers.get('content-type') === 'application/query+json';

test('makes one request per call, at session consistency', async () => {
  const { port, proxy } = await subjectOf(cosmosStateStore);
  // The client reads once how the container is partitioned.
  await port.create(key, bytes('1'));
  const requests: string[] = [];
  proxy.watch = ({ method, headers }) => {
    requests.push(`${method} ${headers['x-ms-consistency-level']}`);
  };
  await port.create(key, bytes('1'));
  const item = await port.read(key);
  await port.replace(key, bytes('2'), item!.version);
  await port.range(key.partition, 'e/', 'e0', 10);
  await port.remove(key);
  const methods = ['POST', 'GET', 'PUT', 'POST', 'DELETE'];
  expect(requests).toEqual(methods.map((method) => `${method} Session`));
});

test('gives the service back its session token', async () => {
  const { made } = await subjectOf(cosmosStateStore);
  const sent: (string | undefined)[] = [];
  const port = made({
    http: speaking(
      ({ headers }) => sent.push(headers.get('x-ms-session-token')),
      ({ headers }) => {
        headers.set('x-ms-session-token', '0:-1#5');
        headers.set('x-ms-content-path', Buffer.alloc(8).toString('base64'));
      },
    ),
  });
  await port.create(key, bytes('1'));
  await port.read(key);
  await port.range(key.partition, 'e/', 'e0', 10);
  expect(sent.slice(-2)).toEqual(['0:-1#5', '0:-1#5']);
});

test('asks not to be sent its own items back, and can do without', async () => {
  const { made } = await subjectOf(cosmosStateStore);
  let shortened = 0;
  const port = made({
    http: speaking(
      () => undefined,
      (response) => {
        const { request, status } = response;
        if (request.headers.get('prefer') !== 'return=minimal' || status > 201) return;
        if (isQuery(request.headers)) return;
        Object.assign(response, { bodyAsText: '' });
        shortened += 1;
      },
    ),
  });
  expect(await port.create(key, bytes('1'))).toBe(true);
  const item = await port.read(key);
  expect(await port.replace(key, bytes('2'), item!.version)).toBe(true);
  expect((await port.read(key))?.body).toEqual(bytes('2'));
  expect(shortened).toBe(2);
});

test('ranges over as many pages as the service makes of them', async () => {
  const { port, made } = await subjectOf(cosmosStateStore);
  const sorts = ['a', 'a/', 'a0', 'b', 'b-', 'c', 'd'];
  for (const sort of sorts) await port.create({ partition: 'p', sort }, bytes(sort));
  let queries = 0;
  const paged = made({
    http: speaking(({ headers }) => {
      if (!isQuery(headers)) return;
      const wanted = Number(headers.get('x-ms-max-item-count'));
      headers.set('x-ms-max-item-count', String(Math.min(wanted, 2)));
      queries += 1;
    }),
  });
  const range = async (to: string, limit: number) =>
    (await paged.range('p', 'a', to, limit)).map((item) => item.sort);
  expect(await range('z', 100)).toEqual(sorts);
  expect(queries).toBe(4);
  expect(await range('z', 5)).toEqual(sorts.slice(0, 5));
  expect(await range('c', 100)).toEqual(sorts.slice(0, 5));
});

test('goes on after a page that is empty and not the last', async () => {
  const { port, made } = await subjectOf(cosmosStateStore);
  for (const sort of ['a', 'b']) await port.create({ partition: 'p', sort }, bytes(sort));
  let queries = 0;
  const paged = made({
    http: speaking(
      ({ headers }) => headers.delete('x-ms-continuation'),
      (response) => {
        if (!isQuery(response.request.headers)) return;
        queries += 1;
        if (queries > 2) return;
        response.headers.set('x-ms-continuation', 'more');
        Object.assign(response, { bodyAsText: '{"Documents":[],"_count":0}' });
      },
    ),
  });
  expect((await paged.range('p', '', 'z', 10)).map((item) => item.sort)).toEqual(['a', 'b']);
  expect(queries).toBe(3);
});

test('tells the service how long an item lives, and of none else', async () => {
  const { port, container } = await subjectOf(cosmosStateStore);
  const stored = async () => (await container.item('s', 'p').read()).resource;
  const now = Math.floor(Date.now() / 1000);
  await port.create({ partition: 'p', sort: 's' }, bytes('1'), now + 1_000);
  const first = await stored();
  expect(first).toMatchObject({ id: 's', partition: 'p', body: 'MQ==' });
  expect(first.ttl).toBeGreaterThan(900);
  expect(first.ttl).toBeLessThanOrEqual(1_000);
  await port.replace({ partition: 'p', sort: 's' }, bytes('1'), first._etag, now - 5);
  const second = await stored();
  // Nothing below a second is a time to live.
  expect(second.ttl).toBe(1);
  await port.replace({ partition: 'p', sort: 's' }, bytes('1'), second._etag, 1e12);
  const third = await stored();
  expect(third.ttl).toBe(2_147_483_647);
  await port.replace({ partition: 'p', sort: 's' }, bytes('1'), third._etag);
  expect(await stored()).not.toHaveProperty('ttl');
});

test('computes request units where the service measures none', async () => {
  const { port, telemetry } = await subjectOf(cosmosStateStore);
  const units = (operation: string) =>
    telemetry.value('store_request_units', { operation, source: 'computed' });
  // 100 KB as JSON, some 75 KB as bytes.
  const body = new Uint8Array(76_500);
  await port.create(key, body);
  expect(units('create')).toBeGreaterThan(49.5);
  expect(units('create')).toBeLessThan(50.5);
  await port.create(key, body);
  expect(units('create')).toBeLessThan(51.5);
  const item = await port.read(key);
  expect(units('read')).toBeCloseTo(10, 0);
  await port.replace(key, body, item!.version);
  expect(units('replace')).toBeCloseTo(100, 0);
  await port.replace(key, body, 'stale');
  expect(units('replace')).toBeCloseTo(101, 0);
  await port.range(key.partition, 'e/', 'e0', 10);
  expect(units('range')).toBeCloseTo(12.3, 1);
  await port.remove(key);
  await port.remove(key);
  expect(units('remove')).toBe(6);
  expect(await port.read(key)).toBeNull();
  expect(units('read')).toBeCloseTo(11, 0);
});

test('counts the request units that the service measured, of refused requests too', async () => {
  const { made, telemetry } = await subjectOf(cosmosStateStore);
  const port = made({
    requestUnits: 'measured',
    http: speaking(
      () => undefined,
      ({ headers }) => headers.set('x-ms-request-charge', '1.25'),
    ),
  });
  const units = (operation: string) =>
    telemetry.value('store_request_units', { operation, source: 'measured' });
  for (let i = 0; i < 2; i += 1) await port.create(key, bytes('1'));
  for (let i = 0; i < 2; i += 1) await port.replace(key, bytes('1'), 'stale');
  await port.range(key.partition, 'e/', 'e0', 10);
  for (let i = 0; i < 2; i += 1) await port.remove(key);
  await port.read(key);
  const all = ['create', 'replace', 'range', 'remove', 'read'].map(units);
  expect(all).toEqual([2.5, 2.5, 1.25, 2.5, 1.25]);
});

test('finds its own item when the answer to a create was lost', async () => {
  const { port, proxy } = await subjectOf(cosmosStateStore);
  await port.create({ partition: 'p', sort: 'first' }, bytes('1'));
  proxy.fault = 'cut';
  await expectError(port.create(key, bytes('1')), 'unavailable');
  proxy.fault = null;
  expect(await port.create(key, bytes('1'))).toBe(false);
  expect((await port.read(key))?.body).toEqual(bytes('1'));
});

test('says at once that a connection is broken, without asking again', async () => {
  const { port, proxy } = await subjectOf(cosmosStateStore);
  await port.create(key, bytes('1'));
  proxy.fault = 'reset';
  let requests = 0;
  proxy.watch = () => {
    requests += 1;
  };
  await expectError(port.read(key), 'unavailable');
  await expectError(port.range(key.partition, '', '~', 1), 'unavailable');
  await expectError(port.create(key, bytes('1')), 'unavailable');
  expect(requests).toBe(3);
});

test('sends no item of more than two million bytes, whatever its key holds', async () => {
  const { port, proxy } = await subjectOf(cosmosStateStore);
  let sent = 0;
  proxy.watch = ({ headers }) => {
    sent = Math.max(sent, Number(headers['content-length'] ?? 0));
  };
  // JSON takes six bytes for each of these.
  const worst = '\u0001'.repeat(170);
  await port.create({ partition: worst, sort: worst }, new Uint8Array(port.itemBytesMax));
  // Room for what the service adds.
  expect(sent).toBeLessThan(2_000_000 - 1_000);
  expect(sent).toBeGreaterThan(1_900_000);
});

test('gives up on a service that never answers', async () => {
  const { made, proxy } = await subjectOf(cosmosStateStore);
  const port = made({ requestMs: 50 });
  proxy.fault = 'silence';
  await expectError(port.create(key, bytes('1')), 'unavailable');
  await expectError(port.read(key), 'unavailable');
  await expectError(port.range(key.partition, '', '~', 1), 'unavailable');
}, 8_000);

test('says how long a throttled caller should wait', async () => {
  const { port, proxy } = await subjectOf(cosmosStateStore);
  const headers = { 'x-ms-retry-after-ms': '123' };
  proxy.fault = { status: 429, headers, body: '{"message":"slow down"}' };
  const thrown = { code: 'throttled', retryAfterMs: 123 };
  await expect(port.read(key)).rejects.toMatchObject(thrown);
});
