import { CreateStreamCommand, DeleteStreamCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answersOf, settled, statusOf } from '../answers.ts';
import { day, tenEvents } from '../storm-events.ts';
import type { AwsApp } from './aws-app-under-test.ts';
import { AwsHost } from './aws-host.ts';

const host = new AwsHost();
beforeAll(() => host.open());
afterAll(() => host.close());

/** Events received, and those of them that were there before. */
async function countsOf(app: AwsApp): Promise<readonly [number, number]> {
  const { counts, conserved } = (await statusOf(app)).get('storm')!;
  expect(conserved).toBe(true);
  return [counts.received, counts.duplicates];
}

it('sandboxes that end take nothing along', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 2 });
  for (const name of ['a', 'b', 'c']) {
    await app.put('0', [tenEvents(name)]);
    await app.put('1', [tenEvents(`${name}1`)]);
    await app.running.host.killSandboxes();
  }
  await settled(app);
  // Pages hold what is counted; the ids of it are in the journal alone.
  await app.maintain();
  await app.running.host.killSandboxes();
  await app.put('0', [tenEvents('a'), tenEvents('d')]);
  await settled(app);
  expect(await countsOf(app)).toEqual([80, 10]);
});

it('a stream that was away goes on with the events that it had', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 1 });
  await app.put('0', [tenEvents('a'), tenEvents('b')]);
  await settled(app);
  const { kinesis } = host.stage;
  await kinesis.stop();
  await app.events.until('trouble', ({ where }) => where.startsWith('process'));
  const refused = await app.request('/v1/events', {
    method: 'POST',
    body: JSON.stringify({ id: 'x', at: day, key: 'k', value: 1 }),
  });
  expect(refused.status).toBe(503);
  await kinesis.start();
  await app.put('0', [tenEvents('b'), tenEvents('c')]);
  await settled(app);
  expect(await countsOf(app)).toEqual([40, 10]);
});

it('an app that is deployed anew, with a mapping that knows nothing, counts nothing twice', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 2 });
  await app.put('0', [tenEvents('a'), tenEvents('b')]);
  await app.put('1', [tenEvents('c')]);
  await settled(app);
  const answers = await answersOf(app, 'storm');
  await app.stop();
  await app.start();
  const { events } = app;
  await events.until('checkpoint', ({ partition }) => partition.endsWith('0'), 2);
  await app.put('1', [tenEvents('c'), tenEvents('d')]);
  await settled(app);
  expect(await countsOf(app)).toEqual([50, 10]);
  expect(await answersOf(app, 'storm')).not.toBe(answers);
});

it('a stream that was deleted and made anew is counted on', async () => {
  const app = await host.start({ pipelines: 'storm', partitions: 1 });
  const now = Date.now();
  await app.put('0', [tenEvents('a', now), tenEvents('b', now), tenEvents('c', now)]);
  await settled(app);
  const { STREAM: StreamName } = app.places.settings;
  const { kinesis } = host.stage.clients;
  // The mapping goes with its stream.
  await app.stop();
  await kinesis.send(new DeleteStreamCommand({ StreamName }));
  host.stage.kinesis.advance(60_000);
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await app.start();
  await app.put('0', [tenEvents('a', now), tenEvents('e', now)]);
  await settled(app);
  // Sequence numbers begin with the time at which their shard was made: the journal goes on, and knows the ids.
  expect(await countsOf(app)).toEqual([50, 10]);
});
