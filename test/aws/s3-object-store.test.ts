import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { awsClientOptions } from '../../adapters/aws/client-options.ts';
import { S3ObjectStore } from '../../adapters/aws/s3-object-store.ts';
import type { SignedRequest } from '../contract/aws-access.ts';
import { xmlFault } from '../contract/aws-failures.ts';
import { s3ObjectStore } from '../contract/aws-stores.ts';
import { bytes, expectError, subjectOf } from '../contract/subject.ts';

test('natural names are the keys', async () => {
  const { port, proxy, bucket } = await subjectOf(s3ObjectStore);
  let path = '';
  proxy.watch = ({ url }) => {
    path = new URL(url ?? '', proxy.url).pathname;
  };
  const name = 'archive/clicks/date=2024-01-31/part-0.parquet';
  await port.put(name, bytes('1'));
  expect(decodeURIComponent(path)).toBe(`/${bucket}/${name}`);
});

test('lists from a name on, a page at a time, until there are enough', async () => {
  const queries: (SignedRequest['query'] & object)[] = [];
  const see = ({ query }: SignedRequest) => {
    if (query?.['list-type'] === undefined) return;
    queries.push({ ...query });
    query['max-keys'] = String(Math.min(Number(query['max-keys']), 3));
  };
  const { port } = await subjectOf(() => s3ObjectStore({ see }));
  const names = Array.from({ length: 9 }, (_, i) => `a/${i}`);
  for (const name of [...names, 'b']) await port.put(name, bytes('1'));
  expect(await port.list('a/', '', 100)).toEqual(names);
  expect(queries.map((query) => query['start-after'])).toEqual([undefined, 'a/2', 'a/5']);
  expect(queries.map((query) => query['max-keys'])).toEqual(['100', '97', '94']);
  queries.length = 0;
  expect(await port.list('a/', 'a/2', 4)).toEqual(names.slice(3, 7));
  expect(queries.map((query) => query['start-after'])).toEqual(['a/2', 'a/5']);
  queries.length = 0;
  await port.list('a/', '', 5_000);
  expect(queries[0]?.['max-keys']).toBe('1000');
});

test('an object that may not be read is not one that is not there', async () => {
  const { port, proxy } = await subjectOf(s3ObjectStore);
  expect(await port.get('a')).toBeNull();
  proxy.fault = xmlFault(403, 'AccessDenied');
  await expectError(port.get('a'), 'request');
});

test('large objects go over connections that are there already', async () => {
  const { port, proxy } = await subjectOf(s3ObjectStore);
  const seen = new Set<unknown>();
  proxy.watch = ({ socket, headers }) => {
    seen.add(socket.remotePort);
    expect(headers).not.toHaveProperty('expect');
  };
  for (let i = 0; i < 3; i += 1) await port.put('large', new Uint8Array(3_000_000));
  expect(seen.size).toBe(1);
});

test('an object that arrived damaged is not given', async () => {
  const { port, proxy } = await subjectOf(s3ObjectStore);
  const headers = { 'x-amz-checksum-crc32': 'AAAAAA==' };
  proxy.fault = { status: 200, headers, body: 'not what was put' };
  await expectError(port.get('a'), 'unavailable');
});

test('a put whose answer was lost has been done', async () => {
  const { port, proxy } = await subjectOf(s3ObjectStore);
  proxy.fault = 'cut';
  await expectError(port.put('a', bytes('1')), 'unavailable');
  proxy.fault = null;
  expect(await port.get('a')).toEqual(bytes('1'));
});

test('gives up on a service that never answers', async () => {
  const { port, proxy } = await subjectOf(() => s3ObjectStore({ requestMs: 50 }));
  proxy.fault = 'silence';
  await expectError(port.put('a', bytes('1')), 'unavailable');
  await expectError(port.get('a'), 'unavailable');
  await expectError(port.list('', '', 1), 'unavailable');
  await expectError(port.remove('a'), 'unavailable');
}, 8_000);

test.each([
  { when: 'begin', written: '', without: { socketTimeout: 0 } },
  { when: 'go on', written: 'half', without: { requestTimeout: 0 } },
])(
  'gives up on an answer that does not $when',
  async ({ written, without }) => {
    const server = createServer((_, to) => {
      if (written !== '') to.writeHead(200, { 'content-length': '10' }).write(written);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    const options = awsClientOptions({ requestMs: 50 });
    const client = new S3Client({
      ...options,
      // Each limit alone does its own part.
      requestHandler: { ...options.requestHandler, ...without },
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      forcePathStyle: true,
    });
    await expectError(new S3ObjectStore(client, 'bucket').get('a'), 'unavailable');
  },
  8_000,
);

test('a bucket that is gone is a mistake, not an outage', async () => {
  const { port, client, bucket, proxy } = await s3ObjectStore();
  await client.send(new DeleteBucketCommand({ Bucket: bucket }));
  await expectError(port.get('a'), 'request');
  await expectError(port.put('a', bytes('1')), 'request');
  await expectError(port.list('', '', 1), 'request');
  await proxy.close();
});
