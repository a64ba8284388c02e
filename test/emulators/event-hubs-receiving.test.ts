import type { EventPosition } from '@azure/event-hubs';
import { expect, it } from 'vitest';
import { codeOf, consumerOf, hub, producerOf, read, receive, send, start } from './hub-clients.ts';

/** Ten events in partition 0, one each second: `0` to `9`. */
async function tenEvents() {
  let now = 1_700_000_000_000;
  const emulator = await hub({ now: () => now });
  const producer = producerOf(emulator);
  for (let i = 0; i < 10; i += 1) {
    await send(producer, '0', String(i));
    now += 1_000;
  }
  const consumer = consumerOf(emulator);
  const events = await receive(consumer, '0', 10);
  return { emulator, producer, consumer, events };
}

it('numbers events without gaps, and places them by bytes', async () => {
  const { events } = await tenEvents();
  expect(events.map(({ body }) => body)).toEqual([...'0123456789']);
  expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([...'0123456789'].map(Number));
  expect(events.map(({ enqueuedTimeUtc }) => enqueuedTimeUtc.getTime())).toEqual(
    [...'0123456789'].map((i) => 1_700_000_000_000 + Number(i) * 1_000),
  );
  const offsets = events.map(({ offset }) => offset);
  for (const [i, offset] of offsets.entries()) {
    expect(offset).toMatch(/^\d+$/);
    if (i > 0) expect(Number(offset) - Number(offsets[i - 1])).toBeGreaterThan(50);
  }
});

it('begins where the reader asks', async () => {
  const { consumer, events } = await tenEvents();
  const { offset } = events[4]!;
  const from = async (position: EventPosition, count: number) => {
    const received = await receive(consumer, '0', count, position);
    return received.map(({ body }) => body).join('');
  };
  expect(await from(start, 10)).toBe('0123456789');
  expect(await from({ offset }, 5)).toBe('56789');
  expect(await from({ offset, isInclusive: true }, 6)).toBe('456789');
  expect(await from({ sequenceNumber: 4 }, 5)).toBe('56789');
  expect(await from({ sequenceNumber: 4, isInclusive: true }, 6)).toBe('456789');
  expect(await from({ sequenceNumber: -1 }, 10)).toBe('0123456789');
  expect(await from({ enqueuedOn: 1_700_000_004_000 }, 5)).toBe('56789');
  expect(await from({ enqueuedOn: 1_700_000_003_999 }, 6)).toBe('456789');
  expect(await from({ enqueuedOn: new Date(0) }, 10)).toBe('0123456789');
});

it('begins at the end, and delivers what comes then', async () => {
  const { producer, consumer } = await tenEvents();
  for (const startPosition of [
    { offset: '@latest' },
    { sequenceNumber: 9 },
    { enqueuedOn: 2e12 },
  ]) {
    const reading = read(consumer, '0', {
      startPosition,
      maxBatchSize: 10,
      // Without events it is called with none: only then the link is there for sure.
      maxWaitTimeInSeconds: 0.1,
    });
    await reading.idle;
    await send(producer, '0', 'new');
    expect((await reading.until(1)).map(({ body }) => body)).toEqual(['new']);
    await reading.close();
    await send(producer, '0', 'newer');
  }
});

it('refuses a position that was never given, and says what the last one is', async () => {
  const { consumer, events } = await tenEvents();
  const failure = async (startPosition: EventPosition) => {
    const error = await receive(consumer, '0', 1, startPosition).catch((thrown) => thrown);
    return `${error.code}: ${error.message}`;
  };
  const { offset } = events[9]!;
  expect(await failure({ offset: '999999' })).toMatch(
    `ArgumentError: The supplied offset '999999' is invalid. The last offset in the system is '${offset}'`,
  );
  expect(await failure({ sequenceNumber: 10 })).toMatch(
    "ArgumentError: The supplied sequence number '10' is invalid. " +
      "The last sequence number in the system is '9'",
  );
  expect(await codeOf(receive(consumer, '1', 1, { sequenceNumber: 0 }))).toBe('ArgumentError');
});

it('closes a reader with an invalid position for good', async () => {
  const { consumer } = await tenEvents();
  const reading = read(consumer, '0', { startPosition: { sequenceNumber: 99 } });
  expect((await reading.failed).code).toBe('ArgumentError');
  expect(await reading.closed).toBe('Shutdown');
  await reading.close();
});

it('begins at the oldest event for a position before it', async () => {
  const { emulator, consumer, events } = await tenEvents();
  expect(emulator.trim('hub', '0', 6n)).toBe(6);
  expect(await consumer.getPartitionProperties('0')).toMatchObject({
    beginningSequenceNumber: 6,
    lastEnqueuedSequenceNumber: 9,
  });
  for (const position of [start, { sequenceNumber: 2 }, { offset: events[2]!.offset }]) {
    const received = await receive(consumer, '0', 4, position);
    expect(received.map(({ body }) => body).join('')).toBe('6789');
  }
  expect(emulator.trim('hub', '0', 99n)).toBe(4);
  expect(await consumer.getPartitionProperties('0')).toMatchObject({
    beginningSequenceNumber: 10,
    lastEnqueuedSequenceNumber: 9,
    lastEnqueuedOffset: events[9]!.offset,
    isEmpty: true,
  });
});

it('keeps as much as its retention says, by count, bytes and age', async () => {
  let now = 1_700_000_000_000;
  const partitions = 1;
  const emulator = await hub({
    now: () => now,
    hubs: {
      count: { partitions, retention: { events: 3 } },
      bytes: { partitions, retention: { bytes: 3_500 } },
      age: { partitions, retention: { ms: 2_500 } },
    },
  });
  for (const name of ['count', 'bytes', 'age']) {
    const producer = producerOf(emulator.connectionString(name));
    for (let second = 0; second < 4; second += 1) {
      for (let j = 0; j < 3; j += 1) await send(producer, '0', 'x'.repeat(1_000));
      now += 1_000;
    }
    const { beginningSequenceNumber, lastEnqueuedSequenceNumber } =
      await producer.getPartitionProperties('0');
    expect(lastEnqueuedSequenceNumber, name).toBe(11);
    expect(beginningSequenceNumber, name).toBe(name === 'age' ? 3 : 9);
    const events = await receive(consumerOf(emulator.connectionString(name)), '0', 3);
    expect(events[0]?.sequenceNumber, name).toBe(beginningSequenceNumber);
  }
});

it('keeps the key and the annotations of the sender, and adds its own', async () => {
  const emulator = await hub({ partitions: 1 });
  const producer = producerOf(emulator);
  await producer.sendBatch([{ body: 1 }], { partitionKey: 'key' });
  const annotated = { body: 2, bodyType: 'value', messageAnnotations: { mine: 7 } } as const;
  await producer.sendBatch([annotated as never]);
  const [first, second] = await receive(consumerOf(emulator), '0', 2);
  expect(first).toMatchObject({ partitionKey: 'key', sequenceNumber: 0, systemProperties: {} });
  expect(second).toMatchObject({ sequenceNumber: 1, systemProperties: { mine: 7 } });
  expect(second?.partitionKey).toBeUndefined();
});

it('gives sequence numbers beyond 2^53 as eight bytes, and reads on from there', async () => {
  const firstSequence = 2n ** 54n + 7n;
  const emulator = await hub({ hubs: { hub: { partitions: 1, firstSequence } } });
  await send(producerOf(emulator), '0', 'a', 'b', 'c');
  // The client puts the number into the text of the filter.
  const position = { sequenceNumber: firstSequence as unknown as number };
  const events = await receive(consumerOf(emulator), '0', 2, position);
  const numbers = events.map((event) =>
    (event.sequenceNumber as unknown as Buffer).readBigInt64BE(),
  );
  expect(numbers).toEqual([firstSequence + 1n, firstSequence + 2n]);
});
