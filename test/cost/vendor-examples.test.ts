import { describe, expect, it } from 'vitest';
import { defaultAwsModes } from '../../cost/aws/settings.ts';
import { onDemandBytes, payloadUnits, streamMeters } from '../../cost/aws/stream.ts';
import { awsLoads } from '../../cost/aws/usage.ts';
import { billedMs, instancesOf } from '../../cost/azure/functions.ts';
import { defaultAzureModes } from '../../cost/azure/settings.ts';
import { ingressRecords } from '../../cost/azure/stream.ts';
import { azureMeters } from '../../cost/azure/usage.ts';
import { billOf } from '../../cost/bill.ts';
import { capacityOf } from '../../cost/capacity.ts';
import { dynamoDbUnits, readUnits, writeUnits } from '../../cost/dynamodb-units.ts';
import type { Load } from '../../cost/load.ts';
import { hoursPerMonth, type Meter } from '../../cost/meter.ts';
import type { PriceBook } from '../../cost/price-book.ts';
import { rivalsOf } from '../../cost/rivals.ts';
import { workloadOf } from '../../cost/workload.ts';
import { book } from './shipped.ts';
import { simple } from './simple-profile.ts';

const kilobyte = 1_024;

/** A meter of so many units. */
const meter = (price: string, units: number): Meter => ({
  ...{ name: 'example', price, units, basis: 'computed' },
});

/** The book with some prices as they were when an example was published. */
const at = (prices: Readonly<Record<string, number>>): PriceBook => ({
  ...book,
  prices: book.prices.map((one) => ({ ...one, price: prices[one.id] ?? one.price })),
});

describe('the examples that the vendors publish', () => {
  // aws.amazon.com/lambda/pricing, Example 1: 512 MB, 3 million times, 1 second each, at $0.00001667.
  it('AWS Lambda: 3M invocations of a second with 512 MB are $18.34 + $0.40', () => {
    const old = at({ 'aws.lambda.gb-second': 0.00001667 });
    // 3,000,000 s x 512/1024 = 1,500,000 GB-s, less 400,000 free; 3M requests, less 1M free.
    const meters = [meter('aws.lambda.gb-second', 1_500_000), meter('aws.lambda.request', 3e6)];
    const { lines, totalAfterFree } = billOf(meters, old);
    expect(lines[0]!.costAfterFree).toBeCloseTo(18.34, 2);
    expect(lines[1]!.costAfterFree).toBeCloseTo(0.4, 9);
    expect(totalAfterFree).toBeCloseTo(18.74, 2);
  });

  // aws.amazon.com/kinesis/pricing: what counts as payload units, and 100 records/s of 35 KB.
  it('Kinesis: 5 KB are one payload unit, 45 KB two, 1 MB forty', () => {
    expect(payloadUnits(5 * kilobyte)).toBe(1);
    expect(payloadUnits(45 * kilobyte)).toBe(2);
    expect(payloadUnits(1_000_000)).toBe(40);
  });

  it('Kinesis: 100 records/s of 35 KB are 3.4 MB/s, so more than three shards', () => {
    const events = { eventsPerSecond: 100, eventBytes: 35 * kilobyte, recordEvents: 1 };
    const used = (partitions: number) =>
      capacityOf('aws', workloadOf({ ...events, partitions }), simple, 1_024).find(
        ({ what }) => what === 'a shard, bytes in',
      )!;
    expect(used(1).used / used(1).most).toBeCloseTo(3.4, 1);
    expect(used(3).used).toBeGreaterThan(used(3).most);
    expect(used(4).used).toBeLessThan(used(4).most);
  });

  // The same example goes on: four shards for 31 days, and two payload units to a record.
  it('Kinesis: they are $44.64 for shards and $7.499 for payload units in a month of 31 days', () => {
    const events = { eventsPerSecond: 100, eventBytes: 35 * kilobyte, recordEvents: 1 };
    const workload = workloadOf({ ...events, partitions: 4 });
    const month = (31 * 24) / hoursPerMonth;
    const meters = streamMeters(workload, awsLoads(workload, simple), defaultAwsModes)
      .filter(({ units }) => units > 0)
      .map((one) => ({ ...one, units: one.units * month }));
    const units = [expect.closeTo(4 * 31 * 24, 6), expect.closeTo(535_680_000, 3)];
    expect(meters.map((one) => one.units)).toEqual(units);
    const { lines, total } = billOf(meters, book);
    expect(lines[0]!.cost).toBeCloseTo(44.64, 9);
    // The page cuts off what stands behind.
    expect(Math.floor(lines[1]!.cost * 1_000) / 1_000).toBe(7.499);
    expect(total).toBeCloseTo(52.14, 2);
  });

  // aws.amazon.com/kinesis/data-streams/pricing: data in, on demand.
  it('Kinesis on demand: a record of 4.5 KB counts as 5 KB', () => {
    expect(onDemandBytes(4.5 * kilobyte)).toBe(5 * kilobyte);
  });

  // aws.amazon.com/dynamodb/pricing: a strongly consistent read of 8 KB, writes of 1 and 3 KB.
  it('DynamoDB: two read units for 8 KB, three write units for 3 KB', () => {
    expect(readUnits(8 * kilobyte)).toBe(2);
    expect(writeUnits(1 * kilobyte)).toBe(1);
    expect(writeUnits(3 * kilobyte)).toBe(3);
  });

  // learn.microsoft.com, "How to choose between provisioned throughput and serverless", examples 2 and 3.
  it('Cosmos DB: 500 RU/s are $29.20; 20 and 250 million RU are $5.00 and $62.50', () => {
    const total = (price: string, units: number): number =>
      billOf([meter(price, units)], book).total;
    expect(total('azure.cosmos.100ru-hour', 5 * 730)).toBeCloseTo(29.2, 9);
    expect(total('azure.cosmos.ru', 20e6)).toBeCloseTo(5, 9);
    expect(total('azure.cosmos.ru', 250e6)).toBeCloseTo(62.5, 9);
  });

  // learn.microsoft.com, autoscale-faq: "the highest RU/s 6000 in an hour ... 60 * 1.5 = 90 units" of 100 RU/s.
  it('Cosmos DB: an hour of autoscale up to 6,000 RU/s counts as 90 times 100 RU/s', () => {
    const autoscaled = billOf([meter('azure.cosmos.autoscale-100ru-hour', 60)], book).total;
    expect(autoscaled).toBeCloseTo(billOf([meter('azure.cosmos.100ru-hour', 90)], book).total, 9);
  });

  // MicrosoftDocs, flex-consumption-plan.md: a second at least, then up to the next 100 ms.
  it('Flex Consumption: 1 ms counts as a second, 1,001 ms as 1,100', () => {
    expect(billedMs(1)).toBe(1_000);
    expect(billedMs(1_000)).toBe(1_000);
    expect(billedMs(1_001)).toBe(1_100);
  });

  // MicrosoftDocs, functions-consumption-costs.md: "0.5 GB * 3 s = 1.5 GB-seconds".
  it('Functions: memory times seconds, of an instance that is always at work all of them', () => {
    const workload = workloadOf({ eventsPerSecond: 100, recordEvents: 1 });
    const modes = { ...defaultAzureModes, instanceMemoryMB: 512 } as const;
    const time = azureMeters(workload, simple, modes).find((one) => one.name === 'time of batches');
    expect(time!.units / (730 * 3_600)).toBeCloseTo(0.5, 9);
  });

  // azure.microsoft.com/pricing/details/event-hubs: ingress is counted in units of 64 KB.
  it('Event Hubs: 64 KB are one event in, a byte more two', () => {
    expect(ingressRecords(64 * kilobyte)).toBe(1);
    expect(ingressRecords(64 * kilobyte + 1)).toBe(2);
  });
});

describe('what no vendor publishes an example of', () => {
  const load = { batchesPerSecond: 100, batchCpuMs: 20 } as Load;

  // Its rules are in docs.aws.amazon.com/managed-flink, how-pricing: one more KPU for each application. That 50 GB of
  // running storage come with each KPU that works, and how many events one carries, is assumed.
  it.each([
    // ceil(1 / 20,000) + 1 = 2 KPUs for 730 h at $0.11; 50 GB at $0.10.
    [1, 160.6, 5],
    // ceil(20,000 / 20,000) + 1 is the same; one event more needs a third.
    [20_000, 160.6, 5],
    [20_001, 240.9, 10],
    // ceil(50,000 / 20,000) + 1 = 4 KPUs; 150 GB.
    [50_000, 321.2, 15],
  ])('Managed Flink: %d events/s are $%d for KPUs and $%d for storage', (rate, kpus, storage) => {
    const rivals = rivalsOf('aws', workloadOf({ eventsPerSecond: rate }), simple, book);
    const { meters } = rivals.find(({ name }) => name === 'Managed Flink')!;
    const flink = meters.filter(({ price }) => price.startsWith('aws.flink.'));
    expect(billOf(flink, book).lines.map(({ cost }) => cost)).toEqual([
      expect.closeTo(kpus, 9),
      expect.closeTo(storage, 9),
    ]);
  });

  it('instances are as many as the CPU time needs', () => {
    // 100 batches x 20 ms = 2 cores, no calls; at 70 % of a core each: 2.86 instances.
    const quiet = { ...load, entriesPerSecond: 0, views: [] };
    const noCalls = { ...simple, calls: { ...simple.calls, compaction: { reads: 0, writes: 0 } } };
    expect(instancesOf(quiet, noCalls, 2_048)).toBe(3);
    expect(instancesOf({ ...quiet, batchesPerSecond: 0 }, noCalls, 2_048)).toBe(1);
  });

  it('units begun of items around a mean size lie between those of the smallest and the largest', () => {
    const some = { use: 'commits', perSecond: 2, items: 1, spread: 0.1 } as const;
    const operation = { ...some, kind: 'create' } as const;
    // (1,928 + 120) / 1,024 = 2, from 1.8 to 2.2: half of them 2 units, half 3; two by second.
    const { write, read } = dynamoDbUnits([{ ...operation, bytes: 1_928 }]);
    expect(write).toBeCloseTo(5, 9);
    expect(read).toBe(0);
    expect(dynamoDbUnits([{ ...operation, bytes: 10 }])).toEqual({ write: 2, read: 0 });
    // A range is one read of all its items: 4 x (1,020 + 120) / 4,096 = 1.113, from 1.002 to 1.225.
    const range = { ...operation, kind: 'range', items: 4, bytes: 1_020 } as const;
    expect(dynamoDbUnits([range]).read).toBeCloseTo(2 * 2, 9);
  });
});
