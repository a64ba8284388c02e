import { join } from 'node:path';
import { EventHubBufferedProducerClient, type EventHubProducerClient } from '@azure/event-hubs';
import { expect, it, onTestFinished } from 'vitest';
import { newFolder } from '../local/folder.ts';
import { type EventHubs, startEventHubs } from './event-hubs.ts';
import {
  codeOf,
  consumerOf,
  hub,
  once,
  patient,
  producerOf,
  receive,
  send,
} from './hub-clients.ts';

/** What a producer may state of itself, for one partition. */
interface Publishing {
  readonly producerGroupId: number;
  readonly ownerLevel: number;
  readonly startingSequenceNumber?: number;
}

/** A producer as the buffered client makes one for itself; only there the option has a name. */
function idempotent(
  emulator: EventHubs,
  partition?: Publishing,
  options: object = patient,
): EventHubProducerClient {
  const client = producerOf(emulator, options);
  const partitionOptions = partition === undefined ? {} : { '0': partition };
  return Object.assign(client, {
    _enableIdempotentRetries: true,
    _partitionOptions: partitionOptions,
  });
}

async function stored(emulator: EventHubs): Promise<unknown[]> {
  const consumer = consumerOf(emulator);
  const { lastEnqueuedSequenceNumber } = await consumer.getPartitionProperties('0');
  const events = await receive(consumer, '0', lastEnqueuedSequenceNumber + 1);
  return events.map(({ body }) => body);
}

/** Cuts the connection after storing the nth send, before it is acknowledged. */
function cutAfter(emulator: EventHubs, send: number): void {
  let sends = 0;
  emulator.onSend = () => {
    sends += 1;
    return sends === send ? 'cut' : null;
  };
}

it('stores a batch twice when a plain producer sends it again after a lost answer', async () => {
  const emulator = await hub();
  cutAfter(emulator, 2);
  const client = producerOf(emulator, patient);
  for (const text of ['a', 'b', 'c']) await send(client, '0', text);
  expect(await stored(emulator)).toEqual(['a', 'b', 'b', 'c']);
});

it('stores it once when the producer is idempotent', async () => {
  const emulator = await hub();
  cutAfter(emulator, 2);
  const client = idempotent(emulator);
  for (const text of ['a', 'b', 'c']) await send(client, '0', text);
  expect(await stored(emulator)).toEqual(['a', 'b', 'c']);
  const batch = await client.createBatch({ partitionId: '0' });
  for (const body of ['d', 'e']) batch.tryAdd({ body });
  await client.sendBatch(batch);
  expect(await stored(emulator)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('serves the idempotent buffered client', async () => {
  const emulator = await hub();
  cutAfter(emulator, 1);
  const failures: unknown[] = [];
  const client = new EventHubBufferedProducerClient(emulator.connectionString('hub'), {
    ...patient,
    enableIdempotentRetries: true,
    maxWaitTimeInMs: 1,
    onSendEventsErrorHandler: async ({ error }) => void failures.push(error),
  });
  onTestFinished(() => client.close({ flush: false }));
  for (const body of ['a', 'b', 'c']) {
    await client.enqueueEvent({ body }, { partitionId: '0' });
    await client.flush();
  }
  expect(failures).toEqual([]);
  expect(await stored(emulator)).toEqual(['a', 'b', 'c']);
});

it('knows an idempotent producer again when it goes on from its file', async () => {
  const options = { file: join(newFolder(), 'events.db'), hubs: { hub: { partitions: 1 } } };
  const first = await startEventHubs(options);
  const group = { producerGroupId: 7, ownerLevel: 1, startingSequenceNumber: 0 };
  const producer = idempotent(first, group);
  for (const text of ['a', 'b']) await send(producer, '0', text);
  await producer.close();
  await first.stop();
  const second = await hub(options);
  const again = idempotent(second, group);
  for (const text of ['a again', 'b again', 'c']) await send(again, '0', text);
  expect(await stored(second)).toEqual(['a', 'b', 'c']);
});

it('gives each new producer an id of its own', async () => {
  const emulator = await hub();
  const ids = new Set<unknown>();
  for (let i = 0; i < 3; i += 1) {
    const client = idempotent(emulator);
    await send(client, '0', 'x');
    const properties = client as unknown as {
      getPartitionPublishingProperties(id: string): Promise<{ producerGroupId: number }>;
    };
    ids.add((await properties.getPartitionPublishingProperties('0')).producerGroupId);
  }
  expect(ids.size).toBe(3);
  expect(await stored(emulator)).toEqual(['x', 'x', 'x']);
});

it('refuses a number that leaves a gap', async () => {
  const emulator = await hub();
  const group = { producerGroupId: 7, ownerLevel: 1 };
  await send(idempotent(emulator, { ...group, startingSequenceNumber: 0 }), '0', 'a');
  const ahead = idempotent(emulator, { ...group, startingSequenceNumber: 5 });
  expect(await codeOf(send(ahead, '0', 'b'))).toBe('SequenceOutOfOrderError');
  const behind = idempotent(emulator, { ...group, startingSequenceNumber: 0 });
  await send(behind, '0', 'a again');
  await send(behind, '0', 'b');
  expect(await stored(emulator)).toEqual(['a', 'b']);
});

it('gives way to the producer of a higher epoch', async () => {
  const emulator = await hub();
  const first = idempotent(emulator, { producerGroupId: 7, ownerLevel: 1 }, once);
  await send(first, '0', 'a');
  await send(idempotent(emulator, { producerGroupId: 7, ownerLevel: 2 }), '0', 'b');
  // The client has a code for this only where a send is refused, not where a link is.
  const refused = "A producer with epoch '2' exists, so the one with epoch '1' is closed.";
  await expect(send(first, '0', 'c')).rejects.toThrow(refused);
  const third = idempotent(emulator, { producerGroupId: 7, ownerLevel: 1 }, once);
  await expect(send(third, '0', 'd')).rejects.toThrow(refused);
  expect(await stored(emulator)).toEqual(['a', 'b']);
});
