import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../testing/simulation/random.ts';
import { answersOf, endStreams, expectSame, settled, statusOf } from '../answers.ts';
import type { AppHost, AppUnderTest, RawRecord } from '../app-under-test.ts';
import { AwsHost } from '../aws/aws-host.ts';
import { AzureHost } from '../azure/azure-host.ts';
import { embedded } from '../embedded-host.ts';
import { day, type StormEvent } from '../storm-events.ts';
import { type Expected, expectedOf } from '../storm-model.ts';
import { logOf, type PartitionLog } from '../stream-log.ts';

const hosts: readonly AppHost[] = [embedded, new AzureHost('cosmos'), new AwsHost()];
beforeAll(() => Promise.all(hosts.map((host) => host.open())));
afterAll(() => Promise.all(hosts.map((host) => host.close())));

const partitions = 4;
const nextDay = day + 86_400_000;

/** Events in the order in which they come: time goes on, some are late, some come again, some are bad. */
function eventsOf(random: Random, count: number): StormEvent[] {
  const events: StormEvent[] = [];
  for (let n = 0; n < count; n += 1) {
    const behindMs = random.chance(0.1) ? random.int(100_000, 900_000) : random.int(0, 25_000);
    const value = random.chance(0.05) ? random.pick([0, 13]) : random.int(14, 1_000);
    const at = day + 3_600_000 + n * 2_000 - behindMs;
    const event = { id: `e${n}`, at, key: `k${random.int(0, 11)}`, value };
    events.push(event);
    if (random.chance(0.1)) events.push(random.pick(events));
  }
  return events;
}

/** What each app answers when all of the events are in, and what a plain loop over its stream finds. */
async function answered(
  bringIn: (app: AppUnderTest) => Promise<void>,
): Promise<{ readonly answers: string; readonly expected: Expected }[]> {
  const all = [];
  for (const host of hosts) {
    const app = await host.start({ pipelines: 'storm', partitions });
    await bringIn(app);
    await settled(app);
    await endStreams(app, 'storm');
    const log = await logOf(app.stream);
    await expectUsed(app, host, log);
    const expected = expectedOf(log);
    all.push({ answers: await answersOf(app, 'storm'), expected });
  }
  return all;
}

/** The clouds whose bill each host shows. */
const billed: Readonly<Record<string, readonly string[]>> = {
  [hosts[0]!.name]: ['aws', 'azure'],
  [hosts[1]!.name]: ['azure'],
  [hosts[2]!.name]: ['aws'],
};

/** The status tells what was used, though other instances than the one that answers have used it. */
async function expectUsed(
  app: AppUnderTest,
  host: AppHost,
  log: readonly PartitionLog[],
): Promise<void> {
  const { used } = (await statusOf(app)).get('storm')!;
  const records = log.flatMap((one) => one.records);
  const recordBytes = records.reduce((sum, { body }) => sum + body.length, 0);
  expect(used, host.name).toMatchObject({ records: records.length, recordBytes });
  // The last batch of each instance is not written down yet.
  expect(used.batches, host.name).toBeGreaterThan(0);
  expect(used.writes, host.name).toBeGreaterThan(partitions);
  expect(used.bills.map(({ cloud }) => cloud)).toEqual(billed[host.name]);
  for (const { lines, dollars } of used.bills) {
    expect(dollars, host.name).toBeGreaterThan(0);
    expect(lines.find(({ name }) => name === 'batches')?.units).toBe(used.batches);
  }
}

function expectSameEverywhere(all: Awaited<ReturnType<typeof answered>>): void {
  expect(all).toHaveLength(hosts.length);
  const [{ answers: first }] = all as [(typeof all)[number]];
  for (const { answers, expected } of all) {
    expectSame(answers, first);
    expectSame(answers, expected.answers);
    expect(expected.late).toBeGreaterThan(10);
    expect(expected.duplicates).toBeGreaterThan(10);
  }
}

describe('the embedded app, the one on Azure and the one on AWS', () => {
  it('answer the same to the byte of what is in their streams', async () => {
    const random = new Random(1);
    const records: RawRecord[][] = Array.from({ length: partitions }, () => {
      const lines = eventsOf(random, 400).map((event) => JSON.stringify(event));
      const bodies = ['not JSON', '{"id":"x"}'];
      while (lines.length > 0) bodies.push(lines.splice(0, random.int(1, 9)).join('\n'));
      return bodies.map((body) => ({ arrival: nextDay, body: Buffer.from(body) }));
    });
    const all = await answered(async (app) => {
      for (const [index, some] of records.entries()) await app.put(String(index), some);
    });
    expectSameEverywhere(all);
  });

  it('answer the same to the byte of what came through their doors', async () => {
    const events = eventsOf(new Random(2), 200);
    // One by one, since the order of what comes together is nobody's.
    const all = await answered(async (app) => {
      for (const event of events) {
        const init = { method: 'POST', body: JSON.stringify(event) };
        expect((await app.request('/v1/events', init)).status).toBe(202);
      }
    });
    expectSameEverywhere(all);
  });
});
