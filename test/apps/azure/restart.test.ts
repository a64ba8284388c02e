import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf, settled, statusOf } from '../answers.ts';
import { day, tenEvents } from '../storm-events.ts';
import type { AzureApp } from './azure-app-under-test.ts';
import { AzureHost } from './azure-host.ts';

const trigger = 'process';
/** When what the hub made anew holds arrives. */
const later = day + 7 * 86_400_000;

/** Events received, by the names of the partition: it has another one since the hub was made anew. */
async function receivedBy(app: AzureApp): Promise<Record<string, number>> {
  const { partitions, conserved } = (await statusOf(app)).get('storm')!;
  expect(conserved).toBe(true);
  return Object.fromEntries(partitions.map((one) => [one.partition, one.counts.received]));
}

/** What an operator does who has made a hub anew. */
async function removeCheckpoints({ settings }: AzureApp): Promise<void> {
  const blobs = BlobServiceClient.fromConnectionString(settings['AzureWebJobsStorage']!);
  const container = blobs.getContainerClient('azure-webjobs-eventhub');
  for await (const { name } of container.listBlobsFlat()) {
    if (name.includes('/checkpoint/')) await container.deleteBlob(name);
  }
}

describe('a hub that was away', () => {
  const host = new AzureHost('cosmos', { keepsEvents: true });
  beforeAll(() => host.open());
  afterAll(() => host.close());

  it('goes on with the events that it had', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    await app.put('0', [tenEvents('a'), tenEvents('b')]);
    await settled(app);
    await host.renewHub(app, 1);
    await app.put('0', [tenEvents('b'), tenEvents('c')]);
    await settled(app);
    expect(await receivedBy(app)).toEqual({ 0: 40 });
    const { counts } = (await statusOf(app)).get('storm')!;
    expect(counts.duplicates).toBe(10);
  });
});

describe('a hub that was made anew', () => {
  const host = new AzureHost('cosmos');
  beforeAll(() => host.open());
  afterAll(() => host.close());

  it('begins an epoch, and what was counted before stays', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    await app.put('0', [tenEvents('a'), tenEvents('b'), tenEvents('c')]);
    await settled(app);
    await host.renewHub(app, 1);
    // The ids of another stream are others, even if they look the same.
    await app.put('0', [tenEvents('a', later), tenEvents('e', later)]);
    // The host's checkpoint lies behind the end of the hub: its trigger gets nothing, and maintenance all the same.
    await app.maintain();
    await app.maintain();
    expect(await receivedBy(app)).toEqual({ 0: 30, '0@1': 20 });
    await removeCheckpoints(app);
    await app.replace(0);
    const { host: running, events } = app.first;
    await running.hub(trigger).steal('0');
    await app.put('0', [tenEvents('f', later)]);
    await events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 2);
    await settled(app);
    expect(await receivedBy(app)).toEqual({ 0: 30, '0@1': 30 });
    const [perDay] = (await answersOf(app, 'storm')).split('\n');
    expect(JSON.parse(perDay!).measures).toEqual({ count: 60, least: 1 });
  });
});
