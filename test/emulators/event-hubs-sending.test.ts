import { randomBytes } from 'node:crypto';
import { type EventData, EventHubBufferedProducerClient } from '@azure/event-hubs';
import { expect, it, onTestFinished } from 'vitest';
import { partitionOfKey } from './event-hubs/key-hash.ts';
import type { Send } from './event-hubs/publishing.ts';
import { codeOf, consumerOf, hub, once, producerOf, receive, send } from './hub-clients.ts';

it('stores what came in one batch in order, and nothing of it elsewhere', async () => {
  const emulator = await hub();
  const sends: Send[] = [];
  emulator.onSend = (each) => {
    sends.push(each);
    return null;
  };
  const client = producerOf(emulator);
  const batch = await client.createBatch({ partitionId: '1' });
  for (let i = 0; i < 100; i += 1) expect(batch.tryAdd({ body: i })).toBe(true);
  await client.sendBatch(batch);
  await client.sendBatch([{ body: 100 }], { partitionId: '1' });
  expect(sends.map(({ events }) => events)).toEqual([100, 1]);
  const events = await receive(consumerOf(emulator), '1', 101);
  expect(events.map(({ body }) => body)).toEqual(Array.from({ length: 101 }, (_, i) => i));
  expect(await client.getPartitionProperties('0')).toMatchObject({ isEmpty: true });
});

it('keeps every body and property as it was sent', async () => {
  const emulator = await hub();
  const properties = {
    text: 'é',
    int: -7,
    double: 0.25,
    yes: true,
    nothing: null,
    when: new Date(1_700_000_000_000),
  };
  const sent: EventData[] = [
    { body: Buffer.from([0, 255, 1]) },
    { body: Buffer.alloc(0) },
    { body: { a: [1, 'two', null] }, properties },
    { body: 'x', contentType: 'text/plain', messageId: 'm', correlationId: 7 },
    { body: randomBytes(300_000) },
  ];
  await producerOf(emulator).sendBatch(sent, { partitionId: '0' });
  await producerOf(emulator).sendBatch(
    [
      { body: ['a', 1], bodyType: 'sequence' },
      { body: 5, bodyType: 'value' },
    ] as never,
    { partitionId: '0' },
  );
  const events = await receive(consumerOf(emulator), '0', 7);
  expect(events.map(({ body }) => body)).toEqual([...sent.map(({ body }) => body), ['a', 1], 5]);
  expect(events[2]?.properties).toEqual({
    ...properties,
    when: 1_700_000_000_000,
  });
  const { contentType, messageId, correlationId } = events[3]!;
  expect({ contentType, messageId, correlationId }).toEqual({
    contentType: 'text/plain',
    messageId: 'm',
    correlationId: 7,
  });
});

it('puts a key where the official buffered producer puts it', async () => {
  const emulator = await hub({ partitions: 7 });
  const keys = Array.from({ length: 300 }, (_, i) => `${'kéy🦉'.repeat(i % 5)}${i}`);
  const buffered = new EventHubBufferedProducerClient(emulator.connectionString('hub'), {
    ...once,
    maxWaitTimeInMs: 1,
    onSendEventsErrorHandler: async ({ error }) => {
      throw error;
    },
  });
  onTestFinished(() => buffered.close({ flush: false }));
  for (const partitionKey of keys) {
    await buffered.enqueueEvent({ body: partitionKey }, { partitionKey });
  }
  await buffered.flush();
  const consumer = consumerOf(emulator);
  const found = new Map<unknown, number>();
  for (const [index, id] of (await consumer.getPartitionIds()).entries()) {
    const { lastEnqueuedSequenceNumber } = await consumer.getPartitionProperties(id);
    const events = await receive(consumer, id, lastEnqueuedSequenceNumber + 1);
    for (const { body } of events) found.set(body, index);
  }
  expect(found.size).toBe(keys.length);
  for (const key of keys) expect(found.get(key)).toBe(partitionOfKey(key, 7));
});

it('routes by the key of the batch, and by turns where there is none', async () => {
  const emulator = await hub({ partitions: 3 });
  const client = producerOf(emulator);
  const sends: string[] = [];
  emulator.onSend = ({ partition }) => {
    sends.push(partition);
    return null;
  };
  for (const partitionKey of ['a', 'b', 'c', 'd', 'e']) {
    await client.sendBatch([{ body: 1 }, { body: 2 }], { partitionKey });
  }
  const keyed = ['a', 'b', 'c', 'd', 'e'].map((key) => String(partitionOfKey(key, 3)));
  expect(new Set(keyed).size).toBeGreaterThan(1);
  expect(sends).toEqual(keyed);
  for (let i = 0; i < 6; i += 1) await client.sendBatch([{ body: 1 }]);
  expect([...sends.slice(5)].sort()).toEqual(['0', '0', '1', '1', '2', '2']);
});

it('lets a batch be as large as its link says, and refuses what is larger', async () => {
  const emulator = await hub({ messageBytesMax: 10_000 });
  const client = producerOf(emulator);
  const batch = await client.createBatch({ partitionId: '0' });
  expect(batch.maxSizeInBytes).toBe(10_000);
  expect(batch.tryAdd({ body: Buffer.alloc(10_000) })).toBe(false);
  expect(batch.tryAdd({ body: Buffer.alloc(9_900) })).toBe(true);
  await client.sendBatch(batch);
  const large = [{ body: Buffer.alloc(10_000) }];
  expect(await codeOf(client.sendBatch(large))).toBe('MessageTooLargeError');
  expect(await codeOf(client.sendBatch(large, { partitionId: '0' }))).toBe('MessageTooLargeError');
  expect((await producerOf(await hub()).createBatch()).maxSizeInBytes).toBe(1_048_576);
});

it('refuses a send for what its hook says, and stores nothing of it', async () => {
  const emulator = await hub();
  const client = producerOf(emulator);
  emulator.onSend = ({ partition }) =>
    partition === '0'
      ? { reject: { condition: 'com.microsoft:timeout', description: 'Not now.' } }
      : null;
  expect(await codeOf(send(client, '0', 'x'))).toBe('ServiceUnavailableError');
  await send(client, '1', 'y');
  emulator.onSend = () => null;
  await send(client, '0', 'z');
  expect((await receive(consumerOf(emulator), '0', 1))[0]?.body).toBe('z');
});

it('tells senders, readers and requests that it is busy', async () => {
  const emulator = await hub();
  const [producer, consumer] = [producerOf(emulator), consumerOf(emulator)];
  await send(producer, '0', 'x');
  emulator.busy(true);
  expect(await codeOf(send(producer, '0', 'y'))).toBe('ServerBusyError');
  expect(await codeOf(consumer.getPartitionProperties('0'))).toBe('ServerBusyError');
  expect(await codeOf(receive(consumer, '0', 1))).toBe('ServerBusyError');
  emulator.busy(false);
  expect(await receive(consumer, '0', 1)).toHaveLength(1);
});
