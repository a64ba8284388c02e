import { afterAll, beforeAll, expect, it } from 'vitest';
import { answersOf, endStreams, expectSame, settled, statusOf } from '../answers.ts';
import { day, type StormEvent, tenEvents } from '../storm-events.ts';
import { expectedOf } from '../storm-model.ts';
import { logOf } from '../stream-log.ts';
import type { AwsApp } from './aws-app-under-test.ts';
import { AwsHost } from './aws-host.ts';

const host = new AwsHost();
beforeAll(() => host.open());
afterAll(() => host.close());

const batches = 16;
const batchEvents = 60;

/** Events of all keys, and so of all shards, that come in order. */
function batchOf(n: number): StormEvent[] {
  return Array.from({ length: batchEvents }, (_, i) => {
    const at = day + (n * batchEvents + i) * 1_000;
    return { id: `e${n}-${i}`, at, key: `k${i % 24}`, value: 100 + i };
  });
}

async function send(app: AwsApp, n: number): Promise<void> {
  const body = batchOf(n)
    .map((event) => JSON.stringify(event))
    .join('\n');
  const response = await app.request('/v1/events', { method: 'POST', body });
  expect(await response.json()).toEqual({ accepted: batchEvents, refused: [] });
}

/** The events received, those of them that were there before, and those that are counted. */
async function countsOf(app: AwsApp): Promise<readonly number[]> {
  const { counts, conserved } = (await statusOf(app)).get('storm')!;
  expect(conserved).toBe(true);
  return [counts.received, counts.duplicates, counts.accepted];
}

/** What changes the shards while events come in, by the batch before which it does. */
const changes: Readonly<Record<number, (app: AwsApp) => Promise<void>>> = {
  3: async ({ shards }) => shards.split((await shards.open())[0]!),
  6: async ({ shards }) => shards.split((await shards.open())[1]!),
  9: async ({ shards }) => {
    const [first, second] = await shards.open();
    await shards.merge(first!, second!);
  },
  12: async ({ shards }) => {
    const open = await shards.open();
    await shards.merge(open[0]!, open[1]!);
    await shards.split(open[2]!);
  },
};

it('shards that are split and merged in the middle of traffic lose nothing and count nothing twice', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 2 });
  let repeated = 0;
  for (let n = 0; n < batches; n += 1) {
    await changes[n]?.(app);
    await send(app, n);
    // What was sent before a split or a merge comes again behind it, to another shard.
    if (n < 4) continue;
    await send(app, n - 4);
    repeated += batchEvents;
  }
  await settled(app);
  const sent = batches * batchEvents;
  expect(await countsOf(app)).toEqual([sent + repeated, repeated, sent]);
  const { events } = app;
  const ended = events.of('shard').filter(({ state }) => state === 'ended');
  expect(ended).toHaveLength(7);
  await endStreams(app, 'storm');
  expectSame(await answersOf(app, 'storm'), expectedOf(await logOf(app.stream)).answers);
});

it('what is split and merged in silence is sealed, and its children begun, by maintenance alone', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 2 });
  const { running, shards } = app;
  await app.put('0', [tenEvents('a'), tenEvents('b')]);
  await settled(app);
  await running.records.stop();
  await app.put('0', [tenEvents('c')]);
  await app.put('1', [tenEvents('d')]);
  await shards.split((await shards.open())[0]!);
  const [, upper, last] = await shards.open();
  await app.put(upper!.id, [tenEvents('b'), tenEvents('e')]);
  await shards.merge(upper!, last!);
  const [, merged] = await shards.open();
  await app.put(merged!.id, [tenEvents('a'), tenEvents('d'), tenEvents('f')]);
  await settled(app, () => app.maintain());
  expect(await countsOf(app)).toEqual([90, 30, 60]);
  const { partitions } = (await statusOf(app)).get('storm')!;
  // One that nothing was ever put into is begun as well: it would hold nobody back.
  const names = partitions.map(({ partition }) => partition.slice(-1));
  expect(names.sort()).toEqual(['0', '1', '2', '3', '4']);
  // The mapping goes on where it stood; there is nothing left to count.
  await running.records.start();
  await app.events.until('shard', ({ partition, state }) => {
    return partition === merged!.id && state === 'started';
  });
  await app.put(merged!.id, [tenEvents('g')]);
  await app.events.until('checkpoint', ({ partition }) => partition === merged!.id);
  await settled(app);
  expect(await countsOf(app)).toEqual([100, 30, 70]);
  await endStreams(app, 'storm');
  expectSame(await answersOf(app, 'storm'), expectedOf(await logOf(app.stream)).answers);
});
