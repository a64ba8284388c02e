import { afterAll, beforeAll, expect, it } from 'vitest';
import { called } from '../../aws/expected-actions.ts';
import { endStreams, settled, statusOf } from '../answers.ts';
import { AwsHost } from './aws-host.ts';
import { wideRecords } from './wide-records.ts';

const host = new AwsHost();
beforeAll(() => host.open());
afterAll(() => host.close());

/** Entries between two compactions, and some more: the second one replaces what the first has made. */
const entries = 140;
const event = JSON.stringify({ id: 'a', at: Date.UTC(2026, 0, 1), key: 'k', value: 1 });
const dead = { arrival: Date.UTC(2026, 0, 2), body: Buffer.from('not JSON') };

it('each function asks AWS for what it is allowed to do, for all of it and for nothing else', async () => {
  // Batches of one record, so entries of one record each.
  const app = await host.start(
    { pipelines: 'storm', partitions: 1 },
    { mapping: { BatchSize: 1 } },
  );
  expect((await app.request('/v1/events', { method: 'POST', body: event })).status).toBe(202);
  // Pages with so many keys have no room in an item: they are objects, and older ones are removed.
  await app.put('0', [dead, ...wideRecords(entries, 400)]);
  await settled(app);
  const [{ compactedTo } = { compactedTo: 0 }] = (await statusOf(app)).get('storm')!.partitions;
  expect(compactedTo).toBeGreaterThan(100);
  expect((await app.request('/v1/views/perKey?limit=1')).status).toBe(200);
  // What nobody processes is left to maintenance.
  await app.running.records.stop();
  await app.put('0', [dead, ...wideRecords(1, 400)]);
  await settled(app, () => app.maintain());
  // Days later all of it has expired.
  const later = Date.UTC(2026, 0, 20);
  const last = JSON.stringify({ id: 'z', at: later, key: 'k', value: 1 });
  await app.put('0', [{ arrival: later, body: Buffer.from(last) }]);
  await settled(app, () => app.maintain());
  await app.maintain();
  const publishing = await host.start({ pipelines: 'published', partitions: 1 });
  await publishing.put('0', [{ arrival: later, body: Buffer.from(event) }]);
  await settled(publishing);
  await endStreams(publishing, 'published');
  await publishing.maintain();
  const asked = new Map<string, Set<string>>();
  for (const [by, rights] of [...app.rights, ...publishing.rights]) {
    asked.set(by, new Set([...(asked.get(by) ?? []), ...rights]));
  }
  const sorted = (all: Iterable<readonly [string, Iterable<string>]>) =>
    Object.fromEntries([...all].map(([by, rights]) => [by, [...rights].sort()]));
  expect(sorted(asked)).toEqual(sorted(Object.entries(called)));
});
