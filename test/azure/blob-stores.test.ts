import { expect, test } from 'vitest';
import { blobObjectStore, blobStateStore, queueMessageQueue } from '../contract/azure-stores.ts';
import { bytes, expectError, subjectOf } from '../contract/subject.ts';

const far = 4_000_000_000;

test.each([
  { limit: 37, gone: ['e/03', 'e/17', 'e/18', 'e/39'] },
  { limit: 4, gone: ['e/00', 'e/04'] },
])('a range of $limit passes over what was removed since it was listed', async (example) => {
  const { limit, gone } = example;
  const { port, another, proxy } = await subjectOf(blobStateStore);
  const sorts = Array.from({ length: 40 }, (_, i) => `e/${String(i).padStart(2, '0')}`);
  await Promise.all(sorts.map((sort) => port.create({ partition: 'p', sort }, bytes(sort))));
  const other = await another();
  proxy.watch = async ({ method, url }) => {
    // It was listed, or it would not be read.
    const sort = gone.find((one) => url?.endsWith(`/p/~/${one}`));
    if (method === 'GET' && sort !== undefined) await other.remove({ partition: 'p', sort });
  };
  const items = await port.range('p', 'e/', 'e0', limit);
  const left = sorts.filter((sort) => !gone.includes(sort));
  expect(items.map((item) => item.sort)).toEqual(left.slice(0, limit));
});

test('a range lists from its start on, a page at a time, and reads no more than it gives', async () => {
  const { port, proxy } = await subjectOf(blobStateStore);
  for (let i = 0; i < 9; i += 1) await port.create({ partition: 'p', sort: `e/${i}` }, bytes('1'));
  await port.create({ partition: 'p', sort: 'head' }, bytes('1'));
  const requests: URL[] = [];
  proxy.watch = ({ url }) => {
    requests.push(new URL(url ?? '', proxy.url));
  };
  const items = await port.range('p', 'e/3', 'e0', 4);
  expect(items.map((item) => item.sort)).toEqual(['e/3', 'e/4', 'e/5', 'e/6']);
  const lists = requests.filter((url) => url.searchParams.get('comp') === 'list');
  expect(lists[0]?.searchParams.get('startFrom')).toBe('p/~/e/3');
  expect(lists[0]?.searchParams.get('prefix')).toBe('p/~/e');
  expect(lists[0]?.searchParams.get('maxresults')).toBe('4');
  expect(requests.length - lists.length).toBe(4);
  requests.length = 0;
  expect(await port.range('p', 'e/5', 'e/5', 4)).toEqual([]);
  expect(requests).toEqual([]);
});

test('a sweep removes what expired and nobody needs, and nothing else', async () => {
  const { port } = await subjectOf(blobStateStore);
  const create = (partition: string, sort: string, expiresAt?: number) =>
    port.create({ partition, sort }, bytes(sort), expiresAt);
  for (let i = 0; i < 20; i += 1) await create('p/1', `old/${i}`, 99);
  await create('p/1', 'needed', 99);
  await create('p/1', 'young', 100);
  await create('p/1', 'head');
  await create('p/2', 'needed', 99);
  await create('p/2', 'renewed', 99);
  const { version } = (await port.read({ partition: 'p/2', sort: 'renewed' }))!;
  await port.replace({ partition: 'p/2', sort: 'renewed' }, bytes('2'), version, far);
  const needed = (partition: string, sort: string) => `${partition} ${sort}` === 'p/1 needed';
  expect(await port.sweep(100, needed)).toBe(21);
  const left = async (partition: string) =>
    (await port.range(partition, '', '~', 100)).map((item) => item.sort);
  expect(await left('p/1')).toEqual(['head', 'needed', 'young']);
  expect(await left('p/2')).toEqual(['renewed']);
});

test('a sweep spares an item that was renewed while it went on', async () => {
  const { port, another, proxy } = await subjectOf(blobStateStore);
  const key = { partition: 'p', sort: 's' };
  await port.create(key, bytes('1'), 99);
  const other = await another();
  proxy.watch = async ({ method }) => {
    if (method !== 'DELETE') return;
    proxy.watch = () => undefined;
    const { version } = (await other.read(key))!;
    await other.replace(key, bytes('2'), version, far);
  };
  expect(await port.sweep(100)).toBe(0);
  expect((await port.read(key))?.body).toEqual(bytes('2'));
});

test('a create whose answer was lost has been done', async () => {
  const { port, proxy } = await subjectOf(blobStateStore);
  const key = { partition: 'p', sort: 's' };
  proxy.fault = 'cut';
  await expectError(port.create(key, bytes('1')), 'unavailable');
  proxy.fault = null;
  expect(await port.create(key, bytes('1'))).toBe(false);
});

test('natural names are the names of the blobs', async () => {
  const { port, proxy } = await subjectOf(blobObjectStore);
  let path = '';
  proxy.watch = ({ url }) => {
    path = new URL(url ?? '', proxy.url).pathname;
  };
  const name = 'archive/clicks/date=2024-01-31/part-0.parquet';
  await port.put(name, bytes('1'));
  expect(decodeURIComponent(path).endsWith(`/${name}`)).toBe(true);
});

test('messages are base64 of UTF-8, as Azure Functions reads them, and do not expire', async () => {
  const { port, queue } = await subjectOf(queueMessageQueue);
  await port.send('{"dead":"ü"}');
  const [peeked] = (await queue.peekMessages()).peekedMessageItems;
  expect(peeked?.messageText).toBe(Buffer.from('{"dead":"ü"}').toString('base64'));
  expect(peeked?.expiresOn.getUTCFullYear()).toBe(9_999);
});

test('calls end when the service never answers', async () => {
  const state = await subjectOf(() => blobStateStore(50));
  const queue = await subjectOf(() => queueMessageQueue(50));
  state.proxy.fault = 'silence';
  queue.proxy.fault = 'silence';
  const key = { partition: 'p', sort: 's' };
  await expectError(state.port.create(key, bytes('1')), 'unavailable');
  await expectError(state.port.read(key), 'unavailable');
  await expectError(state.port.remove(key), 'unavailable');
  await expectError(state.port.range('p', '', '~', 1), 'unavailable');
  await expectError(queue.port.send('a'), 'unavailable');
  await expectError(queue.port.receive(1, 1), 'unavailable');
  await expectError(queue.port.remove('1:1'), 'unavailable');
});
