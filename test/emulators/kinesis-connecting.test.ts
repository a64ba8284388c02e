import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect, it } from 'vitest';
import { clientOf, kinesis, nameOf, put, read } from './kinesis-clients.ts';

it('answers the official client over HTTP/2, its default, and over HTTP/1.1 on the same port', async () => {
  const emulator = await kinesis();
  const two = clientOf(emulator);
  const one = clientOf(emulator, { requestHandler: new NodeHttpHandler() });
  await two.createStream({ StreamName: 'a', ShardCount: 1 });
  await put(one, 'a', 'over 1.1');
  await put(two, 'a', 'over 2');
  expect(await read(one, 'a')).toEqual(['over 1.1', 'over 2']);
  expect(await read(two, 'a')).toEqual(['over 1.1', 'over 2']);
});

it('answers requests of many connections and streams side by side', async () => {
  const emulator = await kinesis();
  const clients = [1, 2, 3, 4].map(() => clientOf(emulator));
  await clients[0]!.createStream({ StreamName: 'a', ShardCount: 1 });
  const texts = Array.from({ length: 100 }, (_, i) => String(i));
  await Promise.all(texts.map((text, i) => put(clients[i % 4]!, 'a', text)));
  expect((await read(clients[0]!, 'a')).sort()).toEqual(texts.sort());
});

it('refuses what is no request of the service, as the service does', async () => {
  const emulator = await kinesis();
  const { endpoint } = emulator;
  const json = 'application/x-amz-json-1.1';
  const send = async (target: string, body: string, headers: object = { authorization: 'x' }) => {
    const always = { 'content-type': json, 'x-amz-target': target };
    const answer = await fetch(endpoint, {
      method: 'POST',
      body,
      headers: { ...always, ...headers },
    });
    return [answer.status, ((await answer.json()) as { readonly __type: string }).__type];
  };
  const list = 'Kinesis_20131202.ListShards';
  expect(await send(list, '{}', {})).toEqual([400, 'MissingAuthenticationTokenException']);
  expect(await send('Kinesis_20131202.ListShard', '{}')).toEqual([
    400,
    'UnknownOperationException',
  ]);
  expect(await send('ListShards', '{}')).toEqual([400, 'UnknownOperationException']);
  const cbor = { authorization: 'x', 'content-type': 'application/x-amz-cbor-1.1' };
  expect(await send(list, '{}', cbor)).toEqual([400, 'UnknownOperationException']);
  expect(await send(list, '{')).toEqual([400, 'SerializationException']);
  expect(await send(list, 'null')).toEqual([400, 'SerializationException']);
  expect(await send(list, '{"StreamName":1}')).toEqual([400, 'SerializationException']);
  expect(await send(list, '{"StreamName":"a"}')).toEqual([400, 'ResourceNotFoundException']);
  await clientOf(emulator).createStream({ StreamName: 'a', ShardCount: 1 });
  for (const Data of ['abc', 'a$==', 1]) {
    const input = JSON.stringify({ StreamName: 'a', PartitionKey: 'k', Data });
    const answer = await send('Kinesis_20131202.PutRecord', input);
    expect(answer, String(Data)).toEqual([400, 'SerializationException']);
  }
});

it('is found again after lost connections, and goes on with its streams when it is started again', async () => {
  const emulator = await kinesis();
  const client = clientOf(emulator);
  await client.createStream({ StreamName: 'a', ShardCount: 1 });
  await put(client, 'a', 'x');
  emulator.dropConnections();
  await expect.poll(() => read(client, 'a').catch(() => [])).toEqual(['x']);
  const { endpoint } = emulator;
  await emulator.stop();
  expect(await nameOf(clientOf(emulator).listShards({ StreamName: 'a' }))).not.toBe('no error');
  await emulator.start();
  expect(emulator.endpoint).toBe(endpoint);
  expect(await read(clientOf(emulator), 'a')).toEqual(['x']);
});
