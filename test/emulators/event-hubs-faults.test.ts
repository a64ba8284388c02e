import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newFolder } from '../local/folder.ts';
import { startEventHubs } from './event-hubs.ts';
import {
  codeOf,
  consumerOf,
  hub,
  once,
  patient,
  producerOf,
  read,
  receive,
  send,
  start,
} from './hub-clients.ts';

it('stores a send whose acknowledgement it withholds', async () => {
  const emulator = await hub();
  const client = producerOf(emulator, { retryOptions: { maxRetries: 0, timeoutInMs: 300 } });
  await client.getPartitionIds();
  emulator.onSend = () => 'withhold';
  expect(await codeOf(send(client, '0', 'x'))).toBe('OperationTimeoutError');
  emulator.onSend = () => null;
  await send(client, '0', 'y');
  const events = await receive(consumerOf(emulator), '0', 2);
  expect(events.map(({ body }) => body)).toEqual(['x', 'y']);
});

it('is found again by producers and readers after each lost connection', async () => {
  const emulator = await hub();
  const producer = producerOf(emulator, patient);
  const reading = read(consumerOf(emulator, patient), '0', {
    startPosition: start,
    maxBatchSize: 10,
    // The client sees that its connection is lost when this wait is over, by default after a minute.
    maxWaitTimeInSeconds: 0.2,
  });
  const texts: string[] = [];
  for (let i = 0; i < 5; i += 1) {
    emulator.dropConnections();
    texts.push(String(i));
    await send(producer, '0', String(i));
    await reading.until(texts.length);
  }
  expect(reading.events.map(({ body }) => body)).toEqual(texts);
  expect(await Promise.race([reading.failed, 'none'])).toBe('none');
});

it('goes on with its events when it is started again', async () => {
  const emulator = await hub();
  const producer = producerOf(emulator, patient);
  await send(producer, '0', 'before');
  const { port } = emulator;
  await emulator.stop();
  expect(await codeOf(producerOf(emulator).getPartitionIds())).toBe('ECONNREFUSED');
  await emulator.start();
  expect(emulator.port).toBe(port);
  await send(producer, '0', 'after');
  const events = await receive(consumerOf(emulator), '0', 2);
  expect(events.map(({ body }) => body)).toEqual(['before', 'after']);
});

it('goes on from its file: numbers, offsets, times, keys and what was trimmed', async () => {
  const file = join(newFolder(), 'events.db');
  let now = 1_700_000_000_000;
  const options = { file, now: () => now, hubs: { hub: { partitions: 2 } } };
  const first = await startEventHubs(options);
  const producer = producerOf(first);
  for (const text of ['a', 'b', 'c', 'd']) await send(producer, '1', text);
  first.trim('hub', '1', 1n);
  const consumer = consumerOf(first);
  const before = await receive(consumer, '1', 3);
  const properties = await consumer.getPartitionProperties('1');
  await Promise.all([producer.close(), consumer.close()]);
  await first.stop();
  now -= 60_000;
  const second = await hub(options);
  const again = consumerOf(second);
  expect(await again.getPartitionProperties('1')).toEqual(properties);
  expect(await receive(again, '1', 3)).toEqual(
    before.map((event) =>
      expect.objectContaining({
        body: event.body,
        offset: event.offset,
        sequenceNumber: event.sequenceNumber,
        enqueuedTimeUtc: event.enqueuedTimeUtc,
      }),
    ),
  );
  await send(producerOf(second), '1', 'e');
  const [event] = await receive(again, '1', 1, { sequenceNumber: 3 });
  // The clock went back, the times of a partition do not.
  expect(event).toMatchObject({ body: 'e', sequenceNumber: 4 });
  expect(event?.enqueuedTimeUtc).toEqual(before[2]?.enqueuedTimeUtc);
  expect(await again.getPartitionProperties('0')).toMatchObject({ isEmpty: true });
});

it('keeps in its file only what its retention keeps', async () => {
  const file = join(newFolder(), 'events.db');
  const options = { file, hubs: { hub: { partitions: 1, retention: { events: 2 } } } };
  const first = await startEventHubs(options);
  const producer = producerOf(first);
  for (const text of ['a', 'b', 'c', 'd']) await send(producer, '0', text);
  await producer.close();
  await first.stop();
  const second = await hub({ ...options, hubs: { hub: { partitions: 1 } } });
  const events = await receive(consumerOf(second), '0', 2);
  expect(events.map(({ body }) => body)).toEqual(['c', 'd']);
});

it('may delete a hub and make it anew', async () => {
  const file = join(newFolder(), 'events.db');
  const options = { file, hubs: { hub: { partitions: 2 }, hub2: { partitions: 1 } } };
  const emulator = await hub(options);
  const producer = producerOf(emulator, patient);
  await send(producer, '1', 'old', 'older');
  await send(producerOf(emulator.connectionString('hub2')), '0', 'other');
  emulator.recreateHub('hub', { partitions: 2 });
  expect(await producer.getPartitionProperties('1')).toMatchObject({ isEmpty: true });
  await send(producer, '1', 'new');
  const events = await receive(consumerOf(emulator), '1', 1);
  expect(events[0]).toMatchObject({ body: 'new', sequenceNumber: 0, offset: '0' });
  await emulator.stop();
  const again = await hub(options);
  expect(await receive(consumerOf(again), '1', 1)).toMatchObject([{ body: 'new' }]);
  expect(await receive(consumerOf(again.connectionString('hub2')), '0', 1)).toHaveLength(1);
});

it('refuses a file whose hub has another number of partitions', async () => {
  const file = join(newFolder(), 'events.db');
  await (await startEventHubs({ file, hubs: { hub: { partitions: 2 } } })).stop();
  await expect(startEventHubs({ file, hubs: { hub: { partitions: 3 } } })).rejects.toThrow(
    'The file has a hub hub of 2 partitions, not 3.',
  );
});

it('ends the connection of who speaks no AMQP, and of nobody else', async () => {
  const emulator = await hub();
  const producer = producerOf(emulator, once);
  await send(producer, '0', 'x');
  const answer = await fetch(`http://127.0.0.1:${emulator.port}/`).catch(() => 'ended');
  expect(answer).toBe('ended');
  await send(producer, '0', 'y');
  expect(await receive(consumerOf(emulator), '0', 2)).toHaveLength(2);
});
