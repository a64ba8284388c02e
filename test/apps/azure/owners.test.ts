import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settled, statusOf } from '../answers.ts';
import { tenEvents } from '../storm-events.ts';
import type { AzureApp, Instance } from './azure-app-under-test.ts';
import { AzureHost } from './azure-host.ts';

const trigger = 'process';

/** How many events are received, and how many of them were there before. */
async function countsOf(app: AzureApp): Promise<readonly [number, number]> {
  const { counts, conserved } = (await statusOf(app)).get('storm')!;
  expect(conserved).toBe(true);
  return [counts.received, counts.duplicates];
}

/** Puts ten events into the one partition as its record number `n`, and waits until an instance has checkpointed it. */
async function putBatch(app: AzureApp, { events }: Instance, n: number): Promise<void> {
  const done = events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === n);
  await app.put('0', [tenEvents(`batch-${n}`)]);
  await done;
}

/** Crashes the one instance; another takes the partition, as if its ownership were over, and reads up to `n`. */
async function crash(app: AzureApp, n: number): Promise<void> {
  await app.replace(0);
  await app.first.host.hub(trigger).steal('0');
  await app.first.events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === n);
}

describe.each(['cosmos', 'blob'] as const)('a partition, its state in %s,', (stateStore) => {
  const host = new AzureHost(stateStore);
  beforeAll(() => host.open());
  afterAll(() => host.close());

  it('that is taken over in the middle of a batch is counted once, however late the old owner writes', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    const [old, other] = [app.first, await app.startInstance()];
    await putBatch(app, old, 0);
    const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    old.store.watch = () => {
      old.store.fault = null;
      held.resolve();
      return released.promise;
    };
    await app.put('0', [tenEvents('batch-1')]);
    // The old owner has folded the batch and is about to write its entry.
    await held.promise;
    await app.put('0', [tenEvents('batch-2')]);
    const taken = other.events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 2);
    await other.host.hub(trigger).steal('0');
    await taken;
    await putBatch(app, other, 3);
    const late = old.events.until('invocation', ({ partition }) => partition === '0', 2);
    released.resolve();
    // Its number is taken, by an entry that holds more: the batch is done for it too.
    expect((await late).error).toBeNull();
    await settled(app);
    expect(await countsOf(app)).toEqual([40, 0]);
  });

  it('whose checkpoint was lost, or is one of long ago, is read again and counted once', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    const { checkpoints } = app.first.host.hub(trigger);
    await putBatch(app, app.first, 0);
    const early = (await checkpoints.checkpoints()).get('0')!;
    app.first.host.inject({ kind: 'lose-checkpoint', functionName: trigger });
    await putBatch(app, app.first, 1);
    await crash(app, 1);
    await putBatch(app, app.first, 2);
    expect(await countsOf(app)).toEqual([30, 0]);
    await checkpoints.writeCheckpoint('0', early);
    await crash(app, 2);
    await settled(app);
    expect(await countsOf(app)).toEqual([30, 0]);
  });
});
