import { afterAll, beforeAll, expect, it } from 'vitest';
import { settled, statusOf } from '../answers.ts';
import { tenEvents } from '../storm-events.ts';
import type { AzureApp } from './azure-app-under-test.ts';
import { AzureHost } from './azure-host.ts';

const host = new AzureHost('cosmos');
beforeAll(() => host.open());
afterAll(() => host.close());

/** What may become of a batch that the host checkpoints all the same, each on a partition of its own. */
const kinds = ['fail-before', 'fail-after', 'time-out', 'kill'] as const;

/** Puts ten events into a partition as its record number `n`, and waits for their checkpoint. */
async function putBatch(app: AzureApp, partition: string, n: number): Promise<void> {
  const { events } = app.first;
  const done = events.until('checkpoint', (checkpoint) => {
    return checkpoint.partition === partition && checkpoint.sequenceNumber === n;
  });
  await app.put(partition, [tenEvents(`${partition}-${n}`)]);
  expect((await done).written).toBe(true);
}

/** As `putBatch`, for a batch whose invocation fails; nothing of it gets into the state store unless it has run. */
async function skipBatch(
  app: AzureApp,
  partition: string,
  n: number,
  kind: (typeof kinds)[number],
): Promise<void> {
  const { host: running, events } = app.first;
  running.inject({ kind, functionName: 'process', partition });
  app.onStoreRequest = () => (kind === 'fail-after' ? null : 'reset');
  await putBatch(app, partition, n);
  app.onStoreRequest = () => null;
  const { error } = events.of('invocation').findLast((each) => each.partition === partition)!;
  expect(error).not.toBeNull();
}

/** The events that each partition has received. */
async function receivedBy(app: AzureApp): Promise<number[]> {
  const { partitions, conserved } = (await statusOf(app)).get('storm')!;
  expect(conserved).toBe(true);
  return partitions.map(({ counts }) => counts.received);
}

/** An app whose second batch of three is checkpointed in each partition although it failed. */
async function appThatSkips(bug?: string): Promise<AzureApp> {
  const app = await host.start(
    { pipelines: 'storm', partitions: kinds.length },
    { retries: false, ...(bug && { bug }) },
  );
  for (const [index, kind] of kinds.entries()) {
    const partition = String(index);
    await putBatch(app, partition, 0);
    await skipBatch(app, partition, 1, kind);
    await putBatch(app, partition, 2);
  }
  return app;
}

it('batches that the host checkpoints although they failed are counted once the next one comes', async () => {
  const app = await appThatSkips();
  await settled(app);
  expect(await receivedBy(app)).toEqual([30, 30, 30, 30]);
});

it('without the gap check they are missing, and nothing says so', async () => {
  const app = await appThatSkips('gap-ignored');
  await settled(app);
  expect(await receivedBy(app)).toEqual([20, 30, 20, 20]);
  await app.maintain();
  await app.maintain();
  expect(await receivedBy(app)).toEqual([20, 30, 20, 20]);
});

it('the last batch before a silence is found by maintenance alone', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 1 }, { retries: false });
  const { events } = app.first;
  await putBatch(app, '0', 0);
  await skipBatch(app, '0', 1, 'fail-before');
  const recovered = () =>
    events
      .of('log')
      .filter(({ message }) => message.includes('"maintained"'))
      .map(({ message }) => JSON.parse(message).recovered);
  // At its first look nobody knows whether a batch is under way.
  await app.maintain();
  expect(await receivedBy(app)).toEqual([10]);
  await app.maintain();
  expect(recovered()).toEqual([0, 1]);
  expect(await receivedBy(app)).toEqual([20]);
  // What comes next is no gap.
  await putBatch(app, '0', 2);
  expect(await receivedBy(app)).toEqual([30]);
});

it('what the stream no longer has when it is missed is counted as lost', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 1 }, { retries: false });
  await putBatch(app, '0', 0);
  for (const n of [1, 2, 3]) await skipBatch(app, '0', n, 'fail-before');
  expect(host.stage.eventHubs.trim(app.name, '0', 3n)).toBe(3);
  await putBatch(app, '0', 4);
  const { counts } = (await statusOf(app)).get('storm')!;
  expect([counts.received, counts.lost]).toEqual([30, 2]);
});
