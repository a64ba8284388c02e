import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeOf } from '../../../adapters/aws/kinesis-records.ts';
import type { StreamRecord } from '../../../core/event.ts';
import { settled, statusOf } from '../answers.ts';
import { tenEvents } from '../storm-events.ts';
import type { AwsApp } from './aws-app-under-test.ts';
import { AwsHost } from './aws-host.ts';
import { wideRecords } from './wide-records.ts';

const host = new AwsHost();
beforeAll(() => host.open());
afterAll(() => host.close());

const shard = 'shardId-000000000000';

/** How many events are received, and how many of them were there before. */
async function countsOf(app: AwsApp): Promise<readonly [number, number]> {
  const { counts, conserved } = (await statusOf(app)).get('storm')!;
  expect(conserved).toBe(true);
  return [counts.received, counts.duplicates];
}

/** Puts ten events into the one shard, and waits until the mapping is done with them. */
async function putBatch(app: AwsApp, name: string): Promise<void> {
  const { events } = app;
  const done = events.until('checkpoint', () => true, events.of('checkpoint').length + 1);
  await app.put('0', [tenEvents(name)]);
  await done;
}

/** Puts records that the mapping delivers together. */
async function putTogether(app: AwsApp, names: readonly string[]): Promise<void> {
  await app.running.records.stop();
  await app.put(
    '0',
    names.map((name) => tenEvents(name)),
  );
  await app.running.records.start();
}

/** The invocations of `process`: how each ended. */
function errorsOf({ events }: AwsApp): (string | null)[] {
  const all = events.of('invocation').filter(({ functionName }) => functionName === 'process');
  return all.map(({ error }) => error);
}

describe('a shard', () => {
  it('that two own is counted once, however late one of them writes', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    app.running.host.inject({ kind: 'two-owners', functionName: 'process' });
    await putBatch(app, 'a');
    const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<null>()];
    app.onCall = ({ by, action }) => {
      if (by !== 'process' || action !== 'dynamodb:PutItem') return null;
      app.onCall = () => null;
      held.resolve();
      return released.promise;
    };
    await app.put('0', [tenEvents('b')]);
    // The one owner has folded the batch and is about to write its entry.
    await held.promise;
    const { records } = app.running;
    for (const name of ['c', 'd']) {
      await app.put('0', [tenEvents(name)]);
      await records.secondOwner(shard, 'checkpoint');
    }
    expect(await countsOf(app)).toEqual([40, 0]);
    const stopped = records.stop();
    released.resolve(null);
    await stopped;
    // Its number was taken, by an entry that holds more.
    expect(await countsOf(app)).toEqual([40, 0]);
    await records.start();
    await putBatch(app, 'e');
    await settled(app);
    expect(await countsOf(app)).toEqual([50, 0]);
    expect(new Set(errorsOf(app))).toEqual(new Set([null]));
  });

  it('that is delivered again, in part or from its start, is counted once', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    app.running.host.inject({ kind: 'duplicate', functionName: 'process' });
    await putBatch(app, 'a');
    app.running.host.inject({ kind: 'lose-response', functionName: 'process' });
    await putBatch(app, 'b');
    await app.running.records.secondOwner(shard, 'TRIM_HORIZON');
    // A sandbox that knows nothing yet.
    await app.running.host.killSandboxes('process');
    await app.running.records.secondOwner(shard, 'TRIM_HORIZON');
    expect(await countsOf(app)).toEqual([20, 0]);
    expect(errorsOf(app)).toHaveLength(6);
  });

  it('whose batches fail is bisected, and every half is counted once', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 1 });
    await putBatch(app, 'a');
    const { host: lambda } = app.running;
    // All four records, the first two of them, the first alone.
    for (const kind of ['fail-after', 'kill', 'time-out'] as const) {
      lambda.inject({ kind, functionName: 'process' });
    }
    await putTogether(app, ['b', 'c', 'd', 'e']);
    await app.events.until('invocation', ({ functionName }) => functionName === 'process', 7);
    expect(await countsOf(app)).toEqual([50, 0]);
    const [first, ...rest] = errorsOf(app);
    expect(first).toBeNull();
    expect(rest.map((error) => error !== null)).toEqual([true, true, true, false, false, false]);
  });
});

it('a batch that is done in part goes on where it was not', async () => {
  const app = await host.start(
    { pipelines: 'storm', partitions: 1 },
    // The time for a batch ends eight seconds before that of its function.
    { functions: { timeoutSeconds: 11 } },
  );
  const { events, running } = app;
  await putBatch(app, 'a');
  await running.records.stop();
  // An entry has room for some of them.
  await app.put('0', wideRecords(8, 1_000));
  let puts = 0;
  app.onCall = ({ by, action }) => {
    if (by !== 'process' || action !== 'dynamodb:PutItem') return null;
    puts += 1;
    return puts > 1 ? 'reset' : null;
  };
  const done = events.until('checkpoint', () => true, 2);
  await running.records.start();
  const part = await done;
  const [{ position } = { position: '' }] = (await statusOf(app)).get('storm')!.partitions;
  app.onCall = () => null;
  const { records } = await app.stream.read(shard, 0n, 10);
  const whole = records.filter((record) => record.position < BigInt(position));
  expect(whole.length).toBeGreaterThan(1);
  expect(whole.length).toBeLessThan(9);
  expect(BigInt(part.sequenceNumber)).toBe(sequenceNumberOf(whole.at(-1)!));
  await settled(app);
  expect(await countsOf(app)).toEqual([8_010, 0]);
  expect(new Set(errorsOf(app))).toEqual(new Set([null]));
});

function sequenceNumberOf({ position }: StreamRecord): bigint {
  return placeOf(position).sequenceNumber;
}
