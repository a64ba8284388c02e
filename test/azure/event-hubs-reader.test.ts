import type {
  EventHubConsumerClient,
  SubscribeOptions,
  SubscriptionEventHandlers,
} from '@azure/event-hubs';
import { expect, it } from 'vitest';
import { EventHubsStreamReader } from '../../adapters/azure/event-hubs-stream-reader.ts';
import type { StreamRecord } from '../../core/event.ts';
import { expectError } from '../contract/subject.ts';
import { consumerOf, hub, producerOf, read, send, start } from '../emulators/hub-clients.ts';

async function reading(count: number, options: Parameters<typeof hub>[0] = {}) {
  const emulator = await hub(options);
  const producer = producerOf(emulator);
  const texts = Array.from({ length: count }, (_, i) => String(i));
  if (count > 0) await send(producer, '0', ...texts);
  const client = consumerOf(emulator);
  return { emulator, producer, client, texts, reader: new EventHubsStreamReader(client) };
}

/** Bodies as the producer's JSON. */
function bodies(records: readonly StreamRecord[]): unknown[] {
  return records.map(({ body }) => JSON.parse(new TextDecoder().decode(body)));
}

/** Does something between the look at the bounds and the receiving that follows it. */
function afterBounds(client: EventHubConsumerClient, work: () => unknown): void {
  const look = client.getPartitionProperties.bind(client);
  client.getPartitionProperties = async (...args) => {
    const properties = await look(...args);
    await work();
    return properties;
  };
}

it('reads a partition of many records to its end', async () => {
  const { reader, texts } = await reading(2_500);
  const { records, caughtUp } = await reader.read('0', 0n, 10_000);
  expect(bodies(records)).toEqual(texts);
  expect(records.map(({ position }) => position)).toEqual(texts.map(BigInt));
  expect(caughtUp).toBe(true);
});

it('is caught up with the bounds it saw, and finds what came after them with the next read', async () => {
  const { reader, client, producer } = await reading(3);
  let came = 3;
  afterBounds(client, () => send(producer, '0', String(came++)));
  const first = await reader.read('0', 0n, 10);
  expect(bodies(first.records)).toEqual(['0', '1', '2']);
  expect(first.caughtUp).toBe(true);
  const second = await reader.read('0', 3n, 10);
  expect(bodies(second.records)).toEqual(['3']);
  expect(second.caughtUp).toBe(true);
});

it('gives what there is, and is not caught up, when records go while it reads', async () => {
  const { emulator, client } = await reading(10);
  const reader = new EventHubsStreamReader(client, { receiveSecondsMax: 0.2 });
  afterBounds(client, () => emulator.trim('hub', '0', 8n));
  const some = await reader.read('0', 0n, 10);
  expect(bodies(some.records)).toEqual(['8', '9']);
  expect(some.caughtUp).toBe(true);
  afterBounds(client, () => emulator.trim('hub', '0', 10n));
  expect(await reader.read('0', 0n, 10)).toEqual({ records: [], caughtUp: false, ended: false });
  expect(await reader.read('0', 0n, 10)).toEqual({ records: [], caughtUp: true, ended: false });
  expect(await reader.bounds('0')).toEqual({ earliest: 10n, latest: 9n });
});

it('takes a partition for empty when the hub says so, whatever it calls its first number', async () => {
  const { reader, client } = await reading(10);
  const look = client.getPartitionProperties.bind(client);
  client.getPartitionProperties = async (...args) => ({ ...(await look(...args)), isEmpty: true });
  expect(await reader.bounds('0')).toEqual({ earliest: 10n, latest: 9n });
});

it('begins at the oldest record for a position before it', async () => {
  const { emulator, reader } = await reading(10);
  emulator.trim('hub', '0', 4n);
  expect(await reader.bounds('0')).toEqual({ earliest: 4n, latest: 9n });
  const { records, caughtUp } = await reader.read('0', 2n, 3);
  expect(bodies(records)).toEqual(['4', '5', '6']);
  expect(caughtUp).toBe(false);
});

it('ends a read with the record that reaches its bytes', async () => {
  const { client } = await reading(10);
  const reader = new EventHubsStreamReader(client, { readBytesMax: 7 });
  const { records, caughtUp } = await reader.read('0', 0n, 10);
  expect(bodies(records)).toEqual(['0', '1', '2']);
  expect(caughtUp).toBe(false);
});

it('reads the same partition several times at once', async () => {
  const { reader } = await reading(20);
  const reads = await Promise.all([0n, 5n, 10n, 0n].map((from) => reader.read('0', from, 5)));
  const firsts = reads.map(({ records }) => bodies(records)[0]);
  expect(firsts).toEqual(['0', '5', '10', '0']);
  expect(reads.every(({ records }) => records.length === 5)).toBe(true);
});

it('loses and repeats nothing over lost connections', async () => {
  // The client can't go on by itself from numbers so large: it begins again where the read began.
  const firstSequence = 2n ** 60n;
  const { emulator, texts } = await reading(3_000, {
    hubs: { hub: { partitions: 1, firstSequence } },
  });
  const client = consumerOf(emulator, { retryOptions: { maxRetries: 0, timeoutInMs: 500 } });
  const reader = new EventHubsStreamReader(client, { receiveSecondsMax: 0.5 });
  const records: StreamRecord[] = [];
  let drops = 0;
  for (let caughtUp = false; !caughtUp; ) {
    const from = firstSequence + BigInt(records.length);
    const reading = reader.read('0', from, 700).catch((error) => {
      expect(error).toMatchObject({ name: 'MillraceError', code: 'unavailable' });
      return { records: [], caughtUp: false, ended: false };
    });
    if (drops++ < 4) setImmediate(() => emulator.dropConnections());
    const answer = await reading;
    records.push(...answer.records);
    caughtUp = answer.caughtUp;
  }
  expect(bodies(records)).toEqual(texts);
});

it('reads positions beyond 2^53, and refuses those that the client rounds', async () => {
  const far = await reading(5, { hubs: { hub: { partitions: 1, firstSequence: 2n ** 60n } } });
  expect(await far.reader.bounds('0')).toEqual({ earliest: 2n ** 60n, latest: 2n ** 60n + 4n });
  const { records, caughtUp } = await far.reader.read('0', 2n ** 60n + 2n, 10);
  expect(records.map(({ position }) => position - 2n ** 60n)).toEqual([2n, 3n, 4n]);
  expect(caughtUp).toBe(true);
  const rounded = await reading(1, { hubs: { hub: { partitions: 1, firstSequence: 2n ** 53n } } });
  await expectError(rounded.reader.bounds('0'), 'bug');
});

it('asks the hub for the first record that it wants, and takes none twice', async () => {
  const { reader, client } = await reading(10);
  const positions: unknown[] = [];
  const subscribe = client.subscribe.bind(client) as (...args: unknown[]) => never;
  client.subscribe = ((partition: string, handlers: SubscriptionEventHandlers, options: object) => {
    positions.push((options as SubscribeOptions).startPosition);
    // As the client does that begins again where it began, after it lost its connection.
    const processEvents: typeof handlers.processEvents = async (events, context) => {
      await handlers.processEvents(events.slice(0, 3), context);
      await handlers.processEvents(events, context);
    };
    return subscribe(partition, { ...handlers, processEvents }, options);
  }) as never;
  expect(bodies((await reader.read('0', 4n, 5)).records)).toEqual(['4', '5', '6', '7', '8']);
  expect(bodies((await reader.read('0', 0n, 2)).records)).toEqual(['0', '1']);
  expect(positions).toEqual([{ sequenceNumber: 3n, isInclusive: false }, { offset: '-1' }]);
});

it('gives a body to the byte', async () => {
  const { reader, producer } = await reading(0);
  const texts = ['{ "a" : 1.0 }', 'no JSON', '', ' 7'];
  await producer.sendBatch(
    texts.map((text) => ({ body: Buffer.from(text) })),
    { partitionId: '0' },
  );
  const { records } = await reader.read('0', 0n, 10);
  expect(records.map(({ body }) => new TextDecoder().decode(body))).toEqual(texts);
});

it('takes every kind of body that a producer may send', async () => {
  const { reader, producer } = await reading(0);
  const multiple = { body: ['a', 1], bodyType: 'sequence' };
  const value = { body: { b: true }, bodyType: 'value' };
  await producer.sendBatch(
    [{ body: null }, multiple, value, { body: 'text', bodyType: 'value' }] as never,
    {
      partitionId: '0',
    },
  );
  const { records } = await reader.read('0', 0n, 10);
  expect(records.map(({ body }) => new TextDecoder().decode(body))).toEqual([
    'null',
    '["a",1]',
    '{"b":true}',
    'text',
  ]);
});

it('tells the key of another producer, and when the hub took the record', async () => {
  const now = 1_700_000_000_123;
  const { reader, producer } = await reading(0, { partitions: 1, now: () => now });
  await producer.sendBatch([{ body: 1, properties: { bucket: 'no' } }], { partitionKey: 'SFO' });
  const { records } = await reader.read('0', 0n, 1);
  expect(records[0]).toMatchObject({ partitionKey: 'SFO', arrival: now });
});

it('says that an owner keeps it out', async () => {
  const { emulator, reader } = await reading(1);
  const owner = read(consumerOf(emulator), '0', { startPosition: start, ownerLevel: 1 });
  await owner.until(1);
  await expect(reader.read('0', 0n, 1)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('non-epoch receiver is not allowed'),
  });
});

it('closes its links, so that none of them counts as a reader for long', async () => {
  const { reader } = await reading(1);
  for (let i = 0; i < 12; i += 1) {
    expect((await reader.read('0', 0n, 1)).records).toHaveLength(1);
  }
});

it('ends the client although a read was cut off', async () => {
  const { emulator, reader, client } = await reading(1);
  await reader.read('0', 0n, 1);
  await emulator.stop();
  await expectError(reader.read('0', 0n, 1), 'unavailable');
  await client.close();
});
