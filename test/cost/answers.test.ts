import { describe, expect, it } from 'vitest';
import { defaultAwsModes } from '../../cost/aws/settings.ts';
import { awsMeters } from '../../cost/aws/usage.ts';
import { billOf } from '../../cost/bill.ts';
import { curvesOf, rates } from '../../cost/break-even.ts';
import { type Choice, choicesOf } from '../../cost/choices.ts';
import { fitted } from '../../cost/fitted.ts';
import { memorySizes, memoryToChoose } from '../../cost/memory.ts';
import type { Cloud } from '../../cost/price-book.ts';
import { rivalsOf } from '../../cost/rivals.ts';
import { sensitivityOf } from '../../cost/sensitivity.ts';
import { templateBill } from '../../cost/total.ts';
import { endText } from '../../cost/words.ts';
import { workloadOf } from '../../cost/workload.ts';
import { book, profile } from './shipped.ts';

const clouds: readonly Cloud[] = ['aws', 'azure'];
const choiceOf = (cloud: Cloud, what: string, given: object): Choice =>
  choicesOf(cloud, workloadOf(given), profile, book).find((one) => one.what === what)!;
const totalOf = (cloud: Cloud, given: object): number =>
  templateBill(cloud, workloadOf(given), profile, book).total;

describe('the cheapest mode', () => {
  it('is the one with the smallest bill, and the current one has the bill of the template', () => {
    for (const cloud of clouds) {
      for (const { options, cheapest, current } of choicesOf(
        cloud,
        workloadOf({}),
        profile,
        book,
      )) {
        const possible = options.filter(({ impossible }) => impossible === null);
        const least = Math.min(...possible.map(({ total }) => total));
        expect(options.find(({ name }) => name === cheapest)!.total).toBe(least);
        const now = options.find(({ name }) => name === current)!;
        expect(now.total).toBeCloseTo(totalOf(cloud, {}), 9);
      }
    }
  });

  it('of Kinesis depends on the shards and on the rate', () => {
    // A shard is 10.95 a month, a stream on demand 29.20: 1 shard is cheaper, 4 are not.
    const quiet = { eventsPerSecond: 10 };
    expect(choiceOf('aws', 'Kinesis', { ...quiet, partitions: 1 }).cheapest).toBe('provisioned');
    expect(choiceOf('aws', 'Kinesis', { ...quiet, partitions: 4 }).cheapest).toBe('on-demand');
    // 60,000 events/s of 1 KB alone in their records are 58.6 MB/s: by GB 0.12 against 0.048.
    const much = { eventsPerSecond: 60_000, eventBytes: 1_000, recordEvents: 1, partitions: 500 };
    expect(choiceOf('aws', 'Kinesis', much).cheapest).toBe('advantage');
  });

  it('of Event Hubs is not Basic, however cheap, since the app needs two consumer groups', () => {
    const { options, cheapest } = choiceOf('azure', 'Event Hubs', {});
    const [basic] = options;
    // Half of 21.90 less.
    expect(basic!.total).toBeCloseTo(totalOf('azure', {}) - 10.95, 6);
    expect(basic!.impossible).toContain('one consumer group');
    expect(cheapest).toBe('standard');
  });

  it('of Flex Consumption is on demand while little comes, and always ready when it never sleeps', () => {
    const rare = { eventsPerSecond: 0.01, recordEvents: 1 };
    expect(choiceOf('azure', 'Flex Consumption', rare).cheapest).toBe('on-demand');
    expect(choiceOf('azure', 'Flex Consumption', {}).cheapest).toBe('always-ready');
  });

  it('of Cosmos DB is not serverless beyond what a container carries', () => {
    const rare = { eventsPerSecond: 0.1, recordEvents: 1 };
    expect(choiceOf('azure', 'Cosmos DB', rare).cheapest).toBe('serverless');
    const much = choiceOf('azure', 'Cosmos DB', { eventsPerSecond: 900_000, partitions: 32 });
    const [serverless] = much.options;
    expect(serverless!.impossible).toContain('a container carries 5,000 RU/s');
    expect(much.cheapest).not.toBe('serverless');
  });

  it('of Cosmos DB is not autoscale where a second in each hour is ten times the mean', () => {
    const { options } = choiceOf('azure', 'Cosmos DB', {});
    const [serverless, autoscale] = options;
    expect(autoscale!.total).toBeGreaterThan(serverless!.total);
    expect(serverless!.why).toContain('41 RU/s');
    expect(autoscale!.why).toContain('441 RU/s');
  });

  it('of Event Hubs keeps no more than a day with Basic', () => {
    const given = { eventsPerSecond: 5_000, recordEvents: 1, eventBytes: 1_000, partitions: 8 };
    const [basic] = choiceOf('azure', 'Event Hubs', given).options;
    // 5 MB/s for a week are 2,816.21 GB, less 5 x 84: at 0.0208 a GB. Five units cost half.
    const kept = ((604_800 * 5e6) / 2 ** 30 - 5 * 84) * 0.0208;
    expect(basic!.total).toBeCloseTo(totalOf('azure', given) - kept - 5 * 10.95, 6);
  });
});

describe('how fresh answers are', () => {
  const whyOf = (cloud: Cloud, what: string, given: object): string[] =>
    choiceOf(cloud, what, given).options.map(({ why }) => why);

  it('is polled or pushed on AWS, which costs its shards, its GB and more batches', () => {
    const one = { eventsPerSecond: 1, recordEvents: 1, eventBytes: 200, partitions: 1 };
    const [polled, pushed] = choiceOf('aws', 'Reading', one).options;
    // A record a second is a batch a second, however it is read: 730 h x 0.015, and 0.4895 GB x 0.013.
    const gb = (2_628_000 * 200) / 2 ** 30;
    expect(pushed!.total - polled!.total).toBeCloseTo(10.95 + gb * 0.013, 6);
    // Ten records a second are a batch each.
    const ten = workloadOf({ ...one, eventsPerSecond: 10 });
    const batches = (fanOut: boolean): number =>
      awsMeters(ten, profile, { ...defaultAwsModes, fanOut }).find(
        (meter) => meter.name === 'batches',
      )!.units;
    expect(batches(true) / batches(false)).toBeCloseTo(10, 6);
    expect(whyOf('aws', 'Reading', {})).toEqual([
      'a shard is asked once a second: counted after 1 s',
      'enhanced fan-out, by shard and GB: counted after 70 ms, in more batches',
    ]);
  });

  it('is the window where that is longer, and then pushing makes no more batches', () => {
    const given = { batchWindowSeconds: 5 };
    expect(whyOf('aws', 'Reading', given)[0]).toContain('counted after 5 s');
    expect(whyOf('aws', 'Reading', given)[1]).toContain('counted after the window of 5 s');
    const [polled, pushed] = choiceOf('aws', 'Reading', given).options;
    // 4 shards, and 23,804 bytes/s.
    expect(pushed!.total - polled!.total).toBeCloseTo(43.8 + 58.26 * 0.013, 2);
  });

  it('is without starts where instances of HTTP are kept, as many as answer', () => {
    const difference = (cloud: Cloud, given: object): number => {
      const [cold, warm] = choiceOf(cloud, 'HTTP', given).options;
      return warm!.total - cold!.total;
    };
    // Two of 512 MB; one of 2 GB.
    expect(difference('aws', {})).toBeCloseTo(2_628_000 * 0.0000033334, 6);
    expect(difference('azure', {})).toBeCloseTo(2_628_000 * 2 * 0.000004, 6);
    // One that always answers costs 0.000026 when cold, and 0.000004 + 0.000016 when kept.
    const busy = { queriesPerSecond: 20 };
    expect(difference('azure', busy)).toBeCloseTo(2_628_000 * 2 * -0.000006, 6);
    // 100 queries of 44 ms are 4.4 instances, on AWS of `ingest` as well.
    expect(whyOf('aws', 'HTTP', { queriesPerSecond: 100 })[1]).toContain('5 instances');
    expect(whyOf('azure', 'HTTP', { queriesPerSecond: 100 })[1]).toContain('4 instances');
    expect(whyOf('aws', 'HTTP', {})[0]).toContain('738 ms');
  });
});

describe('what changes the bill most', () => {
  it('comes first, with the bills of half and twice the value', () => {
    for (const cloud of clouds) {
      const all = sensitivityOf(cloud, workloadOf({ queriesPerSecond: 1 }), profile, book);
      expect(all.map(({ field }) => field).sort()).toEqual([
        ...['batchWindowSeconds', 'eventBytes', 'eventsPerSecond', 'keys', 'partitions'],
        ...['queriesPerSecond', 'recordEvents'],
      ]);
      const swings = all.map(({ swing }) => swing);
      expect(swings).toEqual([...swings].sort((a, b) => b - a));
      for (const { field, half, double, swing } of all) {
        const at = (value: number) => totalOf(cloud, { queriesPerSecond: 1, [field]: value });
        expect(half.total, field).toBe(at(half.value));
        expect(double.total, field).toBe(at(double.value));
        expect(swing).toBe(Math.abs(double.total - half.total));
      }
      const [packing] = all.filter(({ field }) => field === 'recordEvents');
      expect([packing!.half.value, packing!.double.value]).toEqual([50, 200]);
    }
  });

  it('stays within the bounds of a workload, and leaves out what there is none of', () => {
    const one = workloadOf({ partitions: 1, recordEvents: 1 });
    const all = sensitivityOf('aws', one, profile, book);
    const halves = Object.fromEntries(all.map(({ field, half }) => [field, half.value]));
    expect(halves).toMatchObject({ partitions: 1, recordEvents: 1 });
    expect(halves).not.toHaveProperty('queriesPerSecond');
  });
});

describe('the curves over rates', () => {
  it.each(clouds)('on %s name the rates at which another design is as cheap', (cloud) => {
    const workload = workloadOf({ partitions: 1 });
    const { points, breakEvens } = curvesOf(cloud, workload, profile, book);
    expect(points.map(({ eventsPerSecond }) => eventsPerSecond)).toEqual(rates);
    const turns = breakEvens.flatMap(({ rival, cheaper }) =>
      cheaper
        .flatMap(({ from, to }) => [from, to].flatMap((rate) => rate ?? []))
        .map((rate) => {
          return { rival, rate };
        }),
    );
    expect(turns.length).toBeGreaterThan(3);
    const gains = (rival: string, eventsPerSecond: number): boolean => {
      const { workload: at, passed } = fitted(cloud, { ...workload, eventsPerSecond }, profile);
      const found = rivalsOf(cloud, at, profile, book).find(({ name }) => name === rival)!;
      const total = billOf(found.meters, book).total;
      const isCarried = found.carries && passed.length === 0;
      return isCarried && total < templateBill(cloud, at, profile, book).total;
    };
    // Rates are told with two digits, and capacity of other designs comes in steps.
    for (const { rival, rate } of turns) {
      expect(gains(rival, rate * 0.9), `${rival} at ${rate}`).not.toBe(gains(rival, rate * 1.1));
    }
  });

  it('do not let one database win where it carries no more', () => {
    const { points, breakEvens } = curvesOf('aws', workloadOf({}), profile, book);
    const last = points.at(-1)!;
    expect(last.eventsPerSecond).toBeCloseTo(100_000, 3);
    expect(last.rivals['container with PostgreSQL']).toBeNull();
    const container = breakEvens.find(({ rival }) => rival === 'container with PostgreSQL')!;
    expect(container.cheaper.at(-1)!.to).toBe(20_000);
  });
});

describe('the curve of Millrace', () => {
  const curvesAt = (cloud: Cloud, given: object) =>
    curvesOf(cloud, workloadOf(given), profile, book);

  it('ends where no partitions carry the rate, and no rival is cheaper beyond', () => {
    // What is kept of the hottest key's events for 14 days is more than a logical partition holds.
    const { points, breakEvens, end } = curvesAt('azure', {});
    expect(end!.passed).toEqual(['a logical partition, storage']);
    for (const { eventsPerSecond, millrace } of points) {
      if (eventsPerSecond < end!.rate! * 0.95) expect(millrace).toBeGreaterThan(0);
      if (eventsPerSecond > end!.rate! * 1.05) expect(millrace).toBeNull();
    }
    expect(points.at(-1)!.millrace).toBeNull();
    expect(points.at(-1)!.rivals['Stream Analytics']).toBeGreaterThan(100);
    const { cheaper } = breakEvens.find(({ rival }) => rival === 'Stream Analytics')!;
    expect(cheaper.at(-1)!.to).toBe(end!.rate);
    expect(endText(end)).toMatch(/^carries up to [\d,]+ events.s: a logical partition, storage$/);
  });

  it('has all rates where they are carried, and none where none is', () => {
    const all = curvesAt('aws', {});
    expect(all.end).toBeNull();
    expect(endText(all.end)).toBe('');
    expect(all.points.filter(({ millrace }) => millrace === null)).toEqual([]);
    // Thousands of queries by second read more than a partition of the table has to give.
    const none = curvesAt('aws', { queriesPerSecond: 100_000 });
    expect(none.end).toEqual({ rate: null, passed: ['a partition of the table, reads'] });
    expect(none.points.filter(({ millrace }) => millrace !== null)).toEqual([]);
    expect(endText(none.end)).toContain('at any rate');
  });

  it('is of autoscale where serverless carries no more', () => {
    const given = { queriesPerSecond: 500 };
    const point = curvesAt('azure', given).points.find(({ store }) => store === 'autoscale')!;
    const { eventsPerSecond, partitions, millrace } = point;
    const workload = workloadOf({ ...given, eventsPerSecond, partitions });
    expect(millrace).toBe(templateBill('azure', workload, profile, book, 'autoscale').total);
    expect(millrace).not.toBe(templateBill('azure', workload, profile, book).total);
    expect(curvesAt('azure', {}).points[0]!.store).toBe('serverless');
  });
});

describe('the memory to choose', () => {
  it('is the cheapest that holds what was measured', () => {
    const of = (heapPeakMB: number) =>
      memorySizes('aws', workloadOf({}), { ...profile, heapPeakMB }, book);
    // 1.5 x (110 + 20) = 195 MB; 1.5 x (110 + 400) = 765 MB.
    expect(memoryToChoose(of(20)).memoryMB).toBe(256);
    expect(memoryToChoose(of(400)).memoryMB).toBe(768);
    // Where none holds it, the largest.
    expect(memoryToChoose(of(9_000)).memoryMB).toBe(3_008);
    const sizes = of(20);
    const ms = sizes.map(({ batchMs }) => batchMs);
    expect(ms).toEqual([...ms].sort((a, b) => b - a));
    expect(sizes.find(({ isCurrent }) => isCurrent)!.memoryMB).toBe(1_024);
  });
});
