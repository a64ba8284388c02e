import { expect, it } from 'vitest';
import { EventHubsEventPublisher } from '../../adapters/azure/event-hubs-event-publisher.ts';
import type { OutgoingRecord } from '../../core/ports/event-publisher.ts';
import { bytes } from '../contract/subject.ts';
import { serverBusy } from '../emulators/event-hubs/conditions.ts';
import type { Send, SendFault } from '../emulators/event-hubs/publishing.ts';
import { consumerOf, hub, producerOf, receive } from '../emulators/hub-clients.ts';

/** A publisher into a hub of two partitions; `sends` are those that arrived there. */
async function publishing(
  fault: (send: Send) => SendFault | null,
  options: { readonly messageBytesMax?: number; readonly timeoutInMs?: number } = {},
) {
  const { timeoutInMs = 5_000, ...rest } = options;
  const emulator = await hub(rest);
  const sends: Send[] = [];
  emulator.onSend = (send) => {
    sends.push(send);
    return fault(send);
  };
  const client = producerOf(emulator, { retryOptions: { maxRetries: 0, timeoutInMs } });
  const stored = async (partition: string) => {
    const consumer = consumerOf(emulator);
    const { lastEnqueuedSequenceNumber } = await consumer.getPartitionProperties(partition);
    const events = await receive(consumer, partition, lastEnqueuedSequenceNumber + 1, undefined, {
      skipParsingBodyAsJson: true,
    });
    return events.map(({ body }) => String(body));
  };
  return { emulator, sends, stored, publisher: new EventHubsEventPublisher(client) };
}

/** A record for partition 0 or 1. */
function record(partition: 0 | 1, text: string): OutgoingRecord {
  return { bucket: partition, bucketCount: 2, body: bytes(text) };
}

const busyAt = (partition: string) => (send: Send) =>
  send.partition === partition ? { reject: serverBusy } : null;

it('says of each partition for itself what became of its records', async () => {
  const { publisher, stored, emulator } = await publishing(busyAt('1'));
  const records = [record(0, 'a'), record(1, 'b'), record(0, 'c'), record(1, 'd')];
  expect(await publisher.publish(records)).toEqual([
    'accepted',
    'throttled',
    'accepted',
    'throttled',
  ]);
  emulator.onSend = () => null;
  expect(await publisher.publish([record(1, 'b'), record(1, 'd')])).toEqual([
    'accepted',
    'accepted',
  ]);
  expect(await stored('0')).toEqual(['a', 'c']);
  expect(await stored('1')).toEqual(['b', 'd']);
});

it('throws when nothing is known of any record, and not otherwise', async () => {
  const { publisher } = await publishing(() => ({ reject: serverBusy }));
  const all = [record(0, 'a'), record(1, 'b')];
  await expect(publisher.publish(all)).rejects.toMatchObject({ code: 'throttled' });
  const large = { ...record(0, ''), body: new Uint8Array(publisher.recordBytesMax + 1) };
  expect(await publisher.publish([...all, large])).toEqual(['throttled', 'throttled', 'too-large']);
});

it('fills batches, and sends those of a partition one after the other', async () => {
  const { publisher, sends, stored } = await publishing(() => null, { messageBytesMax: 10_000 });
  const texts = Array.from({ length: 100 }, (_, i) => String(i).padEnd(1_000, '.'));
  const outcomes = await publisher.publish(texts.map((text) => record(0, text)));
  expect(new Set(outcomes)).toEqual(new Set(['accepted']));
  expect(sends.map(({ events }) => events)).toEqual([...Array(11).fill(9), 1]);
  expect(await stored('0')).toEqual(texts);
});

it('finds a record too large that no batch of the hub takes, and sends those around it', async () => {
  const { publisher, stored } = await publishing(() => null, { messageBytesMax: 10_000 });
  const large = 'x'.repeat(10_001);
  const records = [record(0, 'a'), record(0, large), record(0, 'b'), record(1, large)];
  const outcomes = await publisher.publish(records);
  expect(outcomes).toEqual(['accepted', 'too-large', 'accepted', 'too-large']);
  expect(await stored('0')).toEqual(['a', 'b']);
});

it('sends nothing of a partition after a failure there, so that nothing is overtaken', async () => {
  let count = 0;
  const busyOnce = () => {
    count += 1;
    return count === 2 ? { reject: serverBusy } : null;
  };
  const { publisher, sends, stored } = await publishing(busyOnce, { messageBytesMax: 2_000 });
  const texts = ['a', 'b', 'c', 'd'].map((text) => text.repeat(1_500));
  expect(await publisher.publish(texts.map((text) => record(0, text)))).toEqual([
    'accepted',
    'throttled',
    'throttled',
    'throttled',
  ]);
  expect(sends).toHaveLength(2);
  expect(await stored('0')).toEqual(texts.slice(0, 1));
});

it('calls a record unavailable whose answer is lost, although it may be there', async () => {
  const fault = ({ partition }: Send) => (partition === '1' ? 'withhold' : null);
  const { publisher, stored } = await publishing(fault, { timeoutInMs: 300 });
  expect(await publisher.publish([record(0, 'a')])).toEqual(['accepted']);
  const outcomes = await publisher.publish([record(0, 'b'), record(1, 'c')]);
  expect(outcomes).toEqual(['accepted', 'unavailable']);
  expect(await stored('1')).toEqual(['c']);
});

it('goes on after a lost connection', async () => {
  const { publisher, emulator, stored } = await publishing(() => null, { timeoutInMs: 500 });
  expect(await publisher.publish([record(0, 'a')])).toEqual(['accepted']);
  emulator.dropConnections();
  const outcome = async () => {
    const outcomes = await publisher.publish([record(0, 'b')]).catch((error) => [error.code]);
    return outcomes[0];
  };
  await expect.poll(outcome, { timeout: 10_000 }).toBe('accepted');
  expect((await stored('0')).slice(0, 2)).toEqual(['a', 'b']);
});

it('keeps the bucket of a record, which a hub takes no partition key for', async () => {
  const { publisher, emulator } = await publishing(() => null);
  await publisher.publish([{ bucket: 63, bucketCount: 64, body: bytes('x') }]);
  const [event] = await receive(consumerOf(emulator), '1', 1);
  expect(event).toMatchObject({ partitionKey: undefined, properties: { bucket: '63' } });
});
