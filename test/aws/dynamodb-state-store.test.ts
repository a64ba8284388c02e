import { DeleteTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { readUnits, writeUnits } from '../../cost/dynamodb-units.ts';
import { dynamoDbStateStore } from '../contract/aws-stores.ts';
import { bytes, expectError, subjectOf } from '../contract/subject.ts';

const key = { partition: 'flights/1/0/3', sort: 'e/00000000000000000007' };

/** What a request asks for. */
function asked(body: unknown): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(body as Uint8Array));
}

test('makes one request per call, and reads consistently', async () => {
  const { made } = await subjectOf(dynamoDbStateStore);
  const requests: string[] = [];
  const port = made({
    see: ({ headers, body }) => {
      const target = headers['x-amz-target']?.replace(/.*\./, '');
      requests.push(`${target} ${asked(body)['ConsistentRead']}`);
    },
  });
  await port.create(key, bytes('1'));
  const item = await port.read(key);
  await port.replace(key, bytes('2'), item!.version);
  await port.range(key.partition, 'e/', 'e0', 10);
  await port.range(key.partition, 'e0', 'e/', 10);
  await port.remove(key);
  expect(requests).toEqual([
    ...['PutItem undefined', 'GetItem true', 'PutItem undefined', 'Query true'],
    'DeleteItem undefined',
  ]);
});

test('an item is its key, a body in bytes, a version, and the time when it may go', async () => {
  const { port, client, table } = await subjectOf(dynamoDbStateStore);
  const stored = async () => {
    const Key = { pk: { S: key.partition }, sk: { S: key.sort } };
    return (await client.send(new GetItemCommand({ TableName: table, Key }))).Item!;
  };
  await port.create(key, bytes('1'), 1_700_000_000.5);
  const first = await stored();
  expect(first).toEqual({
    pk: { S: key.partition },
    sk: { S: key.sort },
    body: { B: bytes('1') },
    version: { S: expect.stringMatching(/^[-0-9a-f]{36}$/) },
    // Whole seconds, and never too early.
    expiresAt: { N: '1700000001' },
  });
  await port.replace(key, bytes('1'), first['version']!.S!);
  expect(await stored()).not.toHaveProperty('expiresAt');
});

test('ranges over as many pages as the service makes of them', async () => {
  const { port, made } = await subjectOf(dynamoDbStateStore);
  const sorts = Array.from({ length: 9 }, (_, i) => `e/${i}`);
  const body = new Uint8Array(300_000);
  for (const sort of sorts) await port.create({ partition: 'p', sort }, body);
  const limits: unknown[] = [];
  const paged = made({ see: (request) => limits.push(asked(request.body)['Limit']) });
  const range = async (to: string, limit: number) =>
    (await paged.range('p', 'e/', to, limit)).map((item) => item.sort);
  expect(await range('e0', 100)).toEqual(sorts);
  // A page of 1 MB takes four of them.
  expect(limits).toEqual([100, 96, 92]);
  limits.length = 0;
  expect(await range('e0', 6)).toEqual(sorts.slice(0, 6));
  expect(limits).toEqual([6, 2]);
  expect(await range('e/5', 100)).toEqual(sorts.slice(0, 5));
  expect(await range('', 100)).toEqual([]);
});

test('a range without a start begins with the first item, and names no empty key', async () => {
  const { made } = await subjectOf(dynamoDbStateStore);
  const values: unknown[] = [];
  const port = made({ see: ({ body }) => values.push(asked(body)['ExpressionAttributeValues']) });
  for (const sort of ['\u0000', 'a', 'b']) await port.create({ partition: 'p', sort }, bytes('1'));
  const items = await port.range('p', '', 'b', 10);
  expect(items.map((item) => item.sort)).toEqual(['\u0000', 'a']);
  // The service refuses one where its emulator does not.
  expect(values.at(-1)).toEqual({ ':pk': { S: 'p' }, ':to': { S: 'b' } });
});

test('counts the capacity that the service measured, of reads and writes apart', async () => {
  const { port, telemetry } = await subjectOf(dynamoDbStateStore);
  const writes = (operation: string) =>
    telemetry.value('store_write_units', { operation, source: 'measured' });
  const reads = (operation: string) =>
    telemetry.value('store_read_units', { operation, source: 'measured' });
  const body = new Uint8Array(10_000);
  await port.create(key, body);
  const item = await port.read(key);
  await port.replace(key, new Uint8Array(1), item!.version);
  await port.range(key.partition, 'e/', 'e0', 10);
  await port.remove(key);
  await port.remove(key);
  expect(['create', 'replace', 'remove'].map(writes)).toEqual([10, 10, 2]);
  expect(['read', 'range'].map(reads)).toEqual([3, 1]);
});

test('computes the capacity of writes that the service refused, and says so', async () => {
  const { port, telemetry } = await subjectOf(dynamoDbStateStore);
  const units = (operation: string) =>
    telemetry.value('store_write_units', { operation, source: 'computed' });
  const body = new Uint8Array(10_000);
  await port.create(key, body);
  expect(await port.create(key, body)).toBe(false);
  expect(await port.replace(key, body, 'stale')).toBe(false);
  expect(['create', 'replace'].map(units)).toEqual([10, 10]);
});

test('computes the capacity where the service reports none', async () => {
  const { port, telemetry, proxy } = await subjectOf(dynamoDbStateStore);
  const body = Buffer.alloc(9_000).toString('base64');
  const text = (S: string) => ({ S });
  const item = { pk: text('p'), sk: text('s'), version: text('1'), body: { B: body } };
  const answers = { Item: item, Items: [item, item] };
  proxy.fault = { status: 200, body: JSON.stringify(answers) };
  await port.create(key, new Uint8Array(5_000));
  await port.read(key);
  await port.range('p', 'a', 'z', 2);
  await port.remove(key);
  const of = (name: string, operation: string) =>
    telemetry.value(name, { operation, source: 'computed' });
  expect(of('store_write_units', 'create')).toBe(5);
  expect(of('store_write_units', 'remove')).toBe(1);
  expect(of('store_read_units', 'read')).toBe(3);
  expect(of('store_read_units', 'range')).toBe(5);
});

test('a unit is a KB begun to write, 4 KB to read, and one at least', () => {
  expect([0, 1, 1_024, 1_025, 409_600].map(writeUnits)).toEqual([1, 1, 1, 2, 400]);
  expect([0, 1, 4_096, 4_097, 409_600].map(readUnits)).toEqual([1, 1, 1, 2, 100]);
});

test('finds its own item when the answer to a create was lost', async () => {
  const { port, proxy } = await subjectOf(dynamoDbStateStore);
  proxy.fault = 'cut';
  await expectError(port.create(key, bytes('1')), 'unavailable');
  proxy.fault = null;
  expect(await port.create(key, bytes('1'))).toBe(false);
  expect((await port.read(key))?.body).toEqual(bytes('1'));
});

test('the version of a replace whose answer was lost no longer stands', async () => {
  const { port, proxy } = await subjectOf(dynamoDbStateStore);
  await port.create(key, bytes('1'));
  const { version } = (await port.read(key))!;
  proxy.fault = 'cut';
  await expectError(port.replace(key, bytes('2'), version), 'unavailable');
  // Refused, and that answer is lost too: nothing is known.
  await expectError(port.replace(key, bytes('2'), version), 'unavailable');
  proxy.fault = null;
  expect(await port.replace(key, bytes('2'), version)).toBe(false);
  expect((await port.read(key))?.body).toEqual(bytes('2'));
});

test('says at once what went wrong, without asking again', async () => {
  const { port, proxy } = await subjectOf(dynamoDbStateStore);
  let requests = 0;
  proxy.watch = () => {
    requests += 1;
  };
  const body = '{"__type":"ThrottlingException","message":"slow down"}';
  for (const fault of ['reset', { status: 400, body }, { status: 500 }] as const) {
    proxy.fault = fault;
    await expect(port.read(key)).rejects.toThrow('Could not read an item');
    await expect(port.create(key, bytes('1'))).rejects.toThrow('Could not create an item');
  }
  expect(requests).toBe(6);
});

test('the largest item with the longest keys is one that the service takes', async () => {
  const { port } = await subjectOf(dynamoDbStateStore);
  const longest = 'x'.repeat(170);
  const largest = { partition: longest, sort: longest };
  expect(await port.create(largest, new Uint8Array(port.itemBytesMax), 4_000_000_000)).toBe(true);
});

test('gives up on a service that never answers', async () => {
  const { made, proxy } = await subjectOf(dynamoDbStateStore);
  const port = made({ requestMs: 50 });
  proxy.fault = 'silence';
  await expectError(port.create(key, bytes('1')), 'unavailable');
  await expectError(port.read(key), 'unavailable');
  await expectError(port.range(key.partition, '', '~', 1), 'unavailable');
  await expectError(port.remove(key), 'unavailable');
}, 8_000);

test('a table that is gone is a mistake, not an outage', async () => {
  const { port, client, table, proxy } = await dynamoDbStateStore();
  await client.send(new DeleteTableCommand({ TableName: table }));
  await expectError(port.read(key), 'request');
  await expectError(port.create(key, bytes('1')), 'request');
  await proxy.close();
});
