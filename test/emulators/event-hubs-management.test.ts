import { expect, it } from 'vitest';
import { codeOf, consumerOf, hub, producerOf, send } from './hub-clients.ts';

it('tells about a hub', async () => {
  const emulator = await hub({ partitions: 12, now: () => 1_700_000_000_123 });
  for (const client of [producerOf(emulator), consumerOf(emulator)]) {
    expect(await client.getEventHubProperties()).toEqual({
      name: 'hub',
      createdOn: new Date(1_700_000_000_123),
      partitionIds: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'],
      isGeoDrEnabled: false,
    });
  }
});

it('tells about a partition, empty and not', async () => {
  let now = 1_700_000_000_123;
  const emulator = await hub({ now: () => now });
  const client = producerOf(emulator);
  expect(await client.getPartitionProperties('1')).toEqual({
    beginningSequenceNumber: 0,
    eventHubName: 'hub',
    lastEnqueuedOffset: '-1',
    lastEnqueuedOnUtc: new Date('0001-01-01T00:00:00Z'),
    lastEnqueuedSequenceNumber: -1,
    partitionId: '1',
    isEmpty: true,
  });
  await send(client, '1', 'one', 'two');
  now += 1_000;
  await send(client, '1', 'three');
  const properties = await client.getPartitionProperties('1');
  expect(properties).toMatchObject({
    beginningSequenceNumber: 0,
    lastEnqueuedOnUtc: new Date(now),
    lastEnqueuedSequenceNumber: 2,
    isEmpty: false,
  });
  expect(properties.lastEnqueuedOffset).toMatch(/^[1-9]\d+$/);
  expect(await client.getPartitionProperties('0')).toMatchObject({ isEmpty: true });
});

it('refuses to tell about a partition that the hub does not have', async () => {
  const client = producerOf(await hub());
  for (const id of ['2', '-1', 'x', '']) {
    expect(await codeOf(client.getPartitionProperties(id))).toBe('ArgumentOutOfRangeError');
  }
});

it('gives sequence numbers beyond 2^53 as eight bytes', async () => {
  const firstSequence = 2n ** 54n + 7n;
  const emulator = await hub({ hubs: { hub: { partitions: 1, firstSequence } } });
  const client = producerOf(emulator);
  await send(client, '0', 'x');
  const { beginningSequenceNumber, lastEnqueuedSequenceNumber } =
    await client.getPartitionProperties('0');
  for (const number of [beginningSequenceNumber, lastEnqueuedSequenceNumber]) {
    expect(Buffer.isBuffer(number)).toBe(true);
    expect((number as unknown as Buffer).readBigInt64BE()).toBe(firstSequence);
  }
});
