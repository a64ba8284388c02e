import { expect, it, onTestFinished, vi } from 'vitest';
import {
  consumerOf,
  hub,
  once,
  producerOf,
  type Reading,
  read,
  receive,
  send,
  start,
} from './hub-clients.ts';

/** An emulator with an event in partition 0, and readers of it by epoch. */
async function withReaders() {
  const emulator = await hub();
  await send(producerOf(emulator), '0', 'x');
  const readerOf = (ownerLevel?: number, group = '$Default'): Reading =>
    read(consumerOf(emulator, once, group), '0', {
      startPosition: start,
      maxBatchSize: 10,
      maxWaitTimeInSeconds: 0.2,
      ...(ownerLevel === undefined ? {} : { ownerLevel }),
    });
  return { emulator, readerOf };
}

it('disconnects a reader when one of a higher epoch comes, and tells it why', async () => {
  const { readerOf } = await withReaders();
  const low = readerOf(1);
  await low.until(1);
  const high = readerOf(2);
  await high.until(1);
  const { code, message } = await low.failed;
  expect(code).toBe('ReceiverDisconnectedError');
  expect(message).toMatch(/^New receiver '.+' with higher epoch of '2' is created hence current /);
  expect(message).toContain("with epoch '1' is getting disconnected. If you are recreating");
  expect(await low.closed).toBe('OwnershipLost');
});

it('lets an equal epoch take over', async () => {
  const { readerOf } = await withReaders();
  const first = readerOf(3);
  await first.until(1);
  await readerOf(3).until(1);
  expect((await first.failed).code).toBe('ReceiverDisconnectedError');
  expect(await first.closed).toBe('OwnershipLost');
});

it('refuses a lower epoch, and a reader without one, while there is an owner', async () => {
  const { readerOf } = await withReaders();
  const owner = readerOf(2);
  await owner.until(1);
  const lower = await readerOf(1).failed;
  expect(lower.code).toBe('ReceiverDisconnectedError');
  expect(lower.message).toMatch(/^Receiver '.+' with a higher epoch '2' already exists/);
  const without = await readerOf().failed;
  expect(without.code).toBe('ReceiverDisconnectedError');
  expect(without.message).toContain(
    "At least one receiver for the endpoint is created with epoch of '2', " +
      'and so non-epoch receiver is not allowed',
  );
  await owner.close();
  await readerOf().until(1);
});

it('disconnects readers without an epoch when an owner comes', async () => {
  const { readerOf } = await withReaders();
  const readers = [readerOf(), readerOf()];
  for (const reader of readers) await reader.until(1);
  await readerOf(7).until(1);
  for (const reader of readers) {
    expect((await reader.failed).code).toBe('ReceiverDisconnectedError');
  }
});

it('keeps owners of one consumer group apart from readers of another', async () => {
  const { readerOf } = await withReaders();
  const owner = readerOf(1);
  await owner.until(1);
  const other = readerOf(undefined, 'readers');
  await other.until(1);
  expect([owner.events, other.events].map(({ length }) => length)).toEqual([1, 1]);
});

it('lets five readers without an epoch read a partition, and no sixth', async () => {
  const { readerOf } = await withReaders();
  const readers = Array.from({ length: 5 }, () => readerOf());
  await Promise.all(readers.map((reader) => reader.until(1)));
  const sixth = await readerOf().failed;
  expect(sixth.code).toBe('QuotaExceededError');
  expect(sixth.message).toMatch(/which is 5\. List of connected receivers - (.+, ){4}.+\.$/);
  await readers[0]!.close();
  await readerOf().until(1);
});

it('forgets the readers of a connection that was lost', async () => {
  const { emulator, readerOf } = await withReaders();
  const readers = Array.from({ length: 5 }, () => readerOf());
  await Promise.all(readers.map((reader) => reader.until(1)));
  for (let i = 1; i <= 3; i += 1) {
    emulator.dropConnections();
    await send(producerOf(emulator), '0', String(i));
    // All five come back, which they could not beside what was left of them.
    for (const reader of readers) await reader.until(1 + i);
  }
});

it('sends no more events than a reader has asked for', async () => {
  const emulator = await hub();
  await send(producerOf(emulator), '0', ...Array.from({ length: 50 }, (_, i) => String(i)));
  const complaints = vi.spyOn(console, 'error');
  onTestFinished(() => complaints.mockRestore());
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const empty = Promise.withResolvers<void>();
  let received = 0;
  const subscription = consumerOf(emulator).subscribe(
    '0',
    {
      processEvents: async (events) => {
        received += events.length;
        held.resolve();
        if (events.length === 0) empty.resolve();
        await release.promise;
      },
      processError: async (error) => empty.reject(error),
    },
    { startPosition: start, maxBatchSize: 5, prefetchCount: 8, maxWaitTimeInSeconds: 0.1 },
  );
  await held.promise;
  // What was not asked for by now is gone before it can be.
  emulator.trim('hub', '0', 50n);
  release.resolve();
  await empty.promise;
  await subscription.close();
  expect(received).toBe(8);
  // The client says so when it gets more than it asked for.
  expect(complaints).not.toHaveBeenCalled();
});

it('gives one event at a time by default', async () => {
  const emulator = await hub();
  await send(producerOf(emulator), '0', 'a', 'b', 'c');
  const calls: number[] = [];
  const done = Promise.withResolvers<void>();
  const subscription = consumerOf(emulator).subscribe(
    '0',
    {
      processEvents: async (events) => {
        calls.push(events.length);
        if (calls.length === 3) done.resolve();
      },
      processError: async () => undefined,
    },
    { startPosition: start },
  );
  await done.promise;
  await subscription.close();
  expect(calls).toEqual([1, 1, 1]);
});

it('delivers with each event what the end of the partition is, to who asks for it', async () => {
  let now = 1_700_000_000_000;
  const emulator = await hub({ now: () => now });
  const producer = producerOf(emulator);
  await send(producer, '0', 'a', 'b', 'c');
  const { lastEnqueuedOffset } = await producer.getPartitionProperties('0');
  now += 500;
  const seen = Promise.withResolvers<unknown>();
  const subscription = consumerOf(emulator).subscribe(
    '0',
    {
      processEvents: async (_, context) => seen.resolve(context.lastEnqueuedEventProperties),
      processError: async (error) => seen.reject(error),
    },
    { startPosition: start, trackLastEnqueuedEventProperties: true },
  );
  expect(await seen.promise).toEqual({
    sequenceNumber: 2,
    offset: lastEnqueuedOffset,
    enqueuedOn: new Date(1_700_000_000_000),
    retrievedOn: new Date(1_700_000_000_500),
  });
  await subscription.close();
});

it('serves many readers of one connection side by side', async () => {
  const partitions = 12;
  const emulator = await hub({ partitions });
  const producer = producerOf(emulator);
  const texts = Array.from({ length: 1_000 }, (_, i) => String(i));
  const ids = await producer.getPartitionIds();
  await Promise.all(ids.map((id) => send(producer, id, ...texts)));
  const consumer = consumerOf(emulator);
  const all = await Promise.all(
    ids.map((id) => receive(consumer, id, texts.length, start, { maxBatchSize: 1_000 })),
  );
  for (const events of all) expect(events.map(({ body }) => body)).toEqual(texts);
});

it('wakes a reader that waits at the end when the next event comes', async () => {
  const emulator = await hub();
  const producer = producerOf(emulator);
  const reading = read(consumerOf(emulator), '1', {
    startPosition: start,
    maxBatchSize: 10,
    maxWaitTimeInSeconds: 0.1,
  });
  await reading.idle;
  for (let i = 1; i <= 20; i += 1) {
    await send(producer, '1', String(i));
    expect((await reading.until(i)).at(-1)?.body).toBe(String(i));
  }
});
