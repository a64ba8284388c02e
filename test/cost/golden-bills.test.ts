import { describe, expect, it } from 'vitest';
import { defaultAwsModes } from '../../cost/aws/settings.ts';
import { awsMeters } from '../../cost/aws/usage.ts';
import { defaultAzureModes } from '../../cost/azure/settings.ts';
import { autoscaledUnits, provisionedUnits } from '../../cost/azure/store.ts';
import { azureLoads, azureMeters } from '../../cost/azure/usage.ts';
import { type Bill, billOf } from '../../cost/bill.ts';
import { workloadOf } from '../../cost/workload.ts';
import { book } from './shipped.ts';
import { simple } from './simple-profile.ts';

/** Ten events a second, each alone in a record of 200 bytes, in one partition, of 100 keys. */
const ten = workloadOf({
  ...{ eventsPerSecond: 10, eventBytes: 200, recordEvents: 1, partitions: 1, keys: 100 },
});

const costs = ({ lines }: Bill): Record<string, number> =>
  Object.fromEntries(lines.map(({ meter, cost }) => [meter.name, Number(cost.toFixed(6))]));
const units = ({ lines }: Bill): Record<string, number> =>
  Object.fromEntries(lines.map(({ meter }) => [meter.name, meter.units]));

/**
 * Worked out by hand. A month has 730 hours, 43,800 minutes, 2,628,000 seconds. Ten records a second in one partition
 * are one batch a second: 2,628,000 batches and entries, 2,628,000 / 64 = 41,062.5 compactions, one every 64 s of event
 * time. A page holds 60 s and 1,000 bytes, full or not. A compaction meets (64 + 60) / 60 = 2.066667 pages; a page is
 * made 43,800 times in a month, and replaced 41,062.5 x 2.066667 - 43,800 = 41,062.5 times.
 */
describe('a bill on AWS', () => {
  const bill = billOf(awsMeters(ten, simple, defaultAwsModes), book);

  it('has the units that follow from the workload', () => {
    const all = units(bill);
    expect(all['shards']).toBe(730);
    expect(all['payload units']).toBeCloseTo(26_280_000, 3);
    expect(all['batches']).toBeCloseTo(2_628_000, 3);
    // Two sequence numbers take 2 x (27 - 2) bytes more than in the profile. Ten records come by chance, 9 beside the
    // first: entries of (550 + 120) / 1,024 = 0.654 KB are 3 x sqrt(3) / 10 = 52 % smaller and larger: 1 unit at most.
    expect(all['writes of commits']).toBeCloseTo(2_628_000, 3);
    // A page: (1,000 + 120) / 1,024 = 1.094, and hardly more or less: 2; a head: (200 + 120) / 1,024: 1.
    const compaction = 41_062.5 * ((2 + 1 / 15) * 2 + 1);
    expect(all['writes of compaction']).toBeCloseTo(compaction, 3);
    // 64 entries: 64 x 670 / 4,096 = 10.46875, an eighth of the spread of one up and down, from 9.788786 to 11.148714:
    // 10 begun below 10, 11 below 11, 12 above; the head 1; each page 1.
    const range = (0.211214 * 10 + 11 + 0.148714 * 12) / (11.148714 - 9.788786);
    const read = all['reads of compaction']! / 41_062.5;
    expect(read).toBeCloseTo(range + 1 + 2 + 1 / 15, 4);
    // A round: 2 + 1 x (3 - 1) small reads, and the entries behind the head that are new: of 60 s, or fewer, 60 -
    // 60^2 / 128 = 31.875: 5.213928 units in the mean, from none to twice that: (55 + 11 x 0.427856) / 10.427856.
    const tail = (55 + 11 * 0.427856) / 10.427856;
    expect(all['reads of maintenance']! / 43_800).toBeCloseTo(4 + tail, 4);
    expect(all['writes of maintenance']).toBeCloseTo(43_800 * 2, 3);
  });

  it('has the prices of the book on them', () => {
    expect(costs(bill)).toMatchObject({
      shards: 10.95, // 730 x 0.015
      'payload units': 0.36792, // 26.28 M x 0.014
      batches: 0.5256, // 2.628 M x 0.20
      'rounds of maintenance': 0.00876, // 0.0438 M x 0.20
      'writes of commits': 1.6425, // 2.628 M x 0.625
      'polls for notices': 0.2628, // 2,628,000 s / 20 s x 5 pollers = 0.657 M x 0.40
      'metrics of alarms': 2.8, // 28 x 0.10
      'figures as metrics': 3, // 10 x 0.30
    });
  });

  it('counts what Lambda bills by the millisecond', () => {
    // A batch: 2 ms of Lambda, and calls of 8 ms: 1 put, and 1/64 of 2 + 1 + 2 x 2.066667 = 7.133333 calls, 1.111458 in
    // all; 0.8 ms of CPU for each, on 1,024/1,769 of a core. 2 + 8.891667 + 1.536067 = 12.427733, and half a ms more.
    const calls = 1 + (2 + 1 + 2 * (2 + 1 / 15)) / 64;
    const ms = 2 + 8 * calls + (0.8 * calls) / (1_024 / 1_769) + 0.5;
    expect(ms).toBeCloseTo(12.93, 2);
    expect(units(bill)['time of batches']).toBeCloseTo((2_628_000 * ms) / 1_000, 3);
    // A round: 100 ms, and 4 calls of 8 ms and 20 ms for the one partition; 512 MB.
    const round = 43_800 * 0.1525 * 0.5;
    expect(units(bill)['time of maintenance']).toBeCloseTo(round, 3);
  });

  it('counts what is stored', () => {
    // Entries of two days: 172,800 x (550 + 220); pages of 30 days: 43,200 x (1,000 + 220).
    const bytes = 172_800 * 770 + 43_200 * 1_220;
    expect(units(bill)['entries and pages']).toBeCloseTo(bytes / 2 ** 30, 6);
  });

  it('takes the free tiers off once, in the order of the meters', () => {
    const { lines } = bill;
    const requests = lines.filter(({ price }) => price.id === 'aws.lambda.request');
    expect(requests.map(({ freeUnits }) => freeUnits)).toEqual([1_000_000, 0]);
    expect(requests[0]!.costAfterFree).toBeCloseTo(0.3256, 6);
    // 25 GB are free, and less is used.
    const stored = lines.find(({ price }) => price.id === 'aws.dynamodb.gb-month')!;
    expect(stored.costAfterFree).toBe(0);
  });
});

describe('a bill on Azure', () => {
  const bill = billOf(azureMeters(ten, simple, defaultAzureModes), book);

  it('has the units that follow from the workload', () => {
    const all = units(bill);
    expect(all['stream']).toBe(730);
    expect(all['records in']).toBeCloseTo(26_280_000, 3);
    expect(all['batches']).toBeCloseTo(2_628_000, 3);
    // A batch a second, a second each: one instance of 2 GB is at work all the time.
    expect(all['time of batches']).toBeCloseTo(2_628_000 * 2, 3);
    expect(all['time of maintenance']).toBe(43_800 * 2);
    // An entry as JSON: (500 + 2 x (4 - 2)) x 4/3 + 360 = 1,032 bytes, 1.0078125 KB: 5 x (1 + 0.0078125 x 9/99) units.
    const entry = 1 + (0.0078125 * 9) / 99;
    expect(all['request units of commits']).toBeCloseTo(2_628_000 * 5 * entry, 0);
    // A page: 1,000 x 4/3 + 360 = 1,693.33 bytes, 1.653646 KB. 64 entries, the head read and replaced; a page that is
    // made costs 5 and a look for it, one that is replaced 10 and a read.
    const page = 1 + (0.653646 * 9) / 99;
    const each = 2.3 + 64 * entry + 1 + 10 + 10 * page + page;
    const compaction = 41_062.5 * each + 43_800 * (5 * page + 1);
    expect(all['request units of compaction']! / compaction).toBeCloseTo(1, 6);
    expect(all['checkpoints']).toBeCloseTo(2_628_000 / 16, 3);
  });

  it('has the prices of the book on them', () => {
    expect(costs(bill)).toMatchObject({
      stream: 21.9, // 730 x 0.03
      'records in': 0.73584, // 26.28 M x 0.028
      'time of batches': 136.656, // 5.256 M x 26
      'time of maintenance': 2.2776, // 0.0876 M x 26
      batches: 1.0512, // 2.628 M x 0.40
      checkpoints: 0.0657, // 0.16425 M x 0.40
      'owners of partitions': 0.10512, // 2,628,000 s / 10 s = 0.2628 M x 0.40
      'lists of owners': 1.314, // 0.2628 M x 5
      'metric alerts': 0.3, // 3 x 0.10
      'log alerts': 4, // 8 x 0.50
    });
  });
});

describe('queries, rounds and records on Azure', () => {
  const of = (more: Partial<typeof ten>): Record<string, number> =>
    units(billOf(azureMeters({ ...ten, ...more }, simple, defaultAzureModes), book));

  it('takes as many instances for queries as their CPU time needs', () => {
    // Below one by second each is billed its second; then one instance is at work all the time.
    expect(of({ queriesPerSecond: 0.5 })['time of queries']).toBeCloseTo(0.5 * 2_628_000 * 2, 3);
    expect(of({ queriesPerSecond: 30 })['time of queries']).toBeCloseTo(2_628_000 * 2, 3);
    // 20 ms of an answer and three times 0.5 ms of a call: 215 s by second; at 70 % of a core each, 307.14 instances.
    const many = of({ queriesPerSecond: 10_000 })['time of queries']!;
    expect(many / 2_628_000 / 2).toBeCloseTo(308, 6);
  });

  it('bills a round of maintenance by its partitions, a second at least', () => {
    // 100 ms, and 4 calls of 8 ms and 20 ms for each: 932 ms of 16, 1,764 ms of 32, in tenths of a second.
    expect(of({ partitions: 16 })['time of maintenance']).toBe(43_800 * 2);
    expect(of({ partitions: 32 })['time of maintenance']).toBeCloseTo(43_800 * 1.8 * 2, 3);
  });

  it('bills what Event Hubs keeps beyond a day and 84 GB for each throughput unit', () => {
    // 2 records/s of 1,000,000 bytes: two units. 604,800 s of 2 MB are 1,126.47 GB, less 168.
    const more = { eventsPerSecond: 2, eventBytes: 1_000_000 };
    expect(of(more)['stream']).toBe(2 * 730);
    expect(of(more)['records kept']).toBeCloseTo((604_800 * 2e6) / 2 ** 30 - 168, 6);
    // Two days are 321.87 GB; of one day all is paid for.
    const twoDays = (172_800 * 2e6) / 2 ** 30 - 168;
    expect(of({ ...more, retentionHours: 48 })['records kept']).toBeCloseTo(twoDays, 6);
    // A unit that is nearly full takes in 84.37 GB in a day.
    const full = { eventsPerSecond: 1.0485, eventBytes: 1_000_000, retentionHours: 24 };
    expect(of(full)).not.toHaveProperty('records kept');
    expect(of({})).not.toHaveProperty('records kept');
  });
});

describe('other modes', () => {
  const of = (modes: Partial<typeof defaultAwsModes>, more = {}): Bill =>
    billOf(awsMeters({ ...ten, ...more }, simple, { ...defaultAwsModes, ...modes }), book);

  it('Kinesis on demand counts whole KBs in, and bytes out', () => {
    const all = units(of({ stream: 'on-demand' }, { retentionHours: 48 }));
    expect(all['stream']).toBe(730);
    expect(all['data in']).toBeCloseTo((26_280_000 * 1_024) / 2 ** 30, 9);
    expect(all['data out']).toBeCloseTo((26_280_000 * 200) / 2 ** 30, 9);
    // 2,000 bytes/s for the second day.
    expect(all['retention']).toBeCloseTo((2_000 * 86_400) / 2 ** 30, 9);
  });

  it('Kinesis on-demand advantage counts 25 MB/s at least, both ways', () => {
    const { lines } = of({ stream: 'advantage' });
    const gb = (25 * 2_628_000) / 1_024;
    const [dataIn, dataOut] = lines;
    expect(dataIn!.cost).toBeCloseTo(gb * 0.032, 6);
    expect(dataOut!.cost).toBeCloseTo(gb * 0.016, 6);
  });

  it('provisioned DynamoDB keeps air above what is used', () => {
    const all = units(of({ store: 'provisioned' }));
    // Writes by second: 1 + 1/64 x (2.067 x 2 + 1) + 2/60 = 1.114; / 0.7 = 1.59, so 2.
    expect(all['write capacity']).toBe(730 * 2);
  });

  it('records of more than 25 KB, retention and fan-out are billed', () => {
    const more = { eventBytes: 26_000, retentionHours: 48 };
    const all = units(of({ fanOut: true }, more));
    expect(all['payload units']).toBeCloseTo(2 * 26_280_000, 3);
    expect(all['retention']).toBe(730);
    expect(all['shards, pushed']).toBe(730);
    expect(all['data out, pushed']).toBeCloseTo((26_280_000 * 26_000) / 2 ** 30, 6);
  });
});

/**
 * Autoscale, worked out by hand. Units of an entry and of a page as above; an item of no size is 1 to read and 10 to
 * replace. A compaction is 1/64 of a second's work, and 43,800 / 41,062.5 pages are made in each.
 */
describe('autoscale of Cosmos DB', () => {
  const modes = { ...defaultAzureModes, store: 'autoscale' } as const;
  const hundreds = (more: Partial<typeof ten>): number => {
    const bill = billOf(azureMeters({ ...ten, ...more }, simple, modes), book);
    return units(bill)['request units per second']! / 730;
  };
  const entry = 1 + (0.0078125 * 9) / 99;
  const page = 1 + ((1_693 + 1 / 3 - 1_024) * 9) / 1_024 / 99;
  const compaction =
    2.3 + 64 * entry + 1 + 10 + (10 * page + page) + (43_800 / 41_062.5) * (5 * page + 1);
  // 2 reads and a write, and of each partition 2 reads, a write and the 31.875 entries that are new.
  const round = (partitions: number): number =>
    2 + 10 + partitions * (2 + 10 + 2.3 + 31.875 * entry);

  it('is billed by the highest second, which has a round of maintenance and a compaction', () => {
    const always = 5 * entry + compaction / 64 + round(1) / 60;
    expect(always).toBeCloseTo(7.5, 1);
    expect(hundreds({})).toBeCloseTo((always + round(1) + compaction) / 100, 6);
  });

  it('counts a compaction once for each physical partition', () => {
    // 36,500 days of four pages a minute, of 1,693.33 bytes: 331.6 GB; entries of two weeks, 4.6 GB: 7 times 50 GB.
    const more = { eventsPerSecond: 40, partitions: 4, keys: 400, rowDays: 36_500 };
    const always = 4 * (5 * entry + compaction / 64) + round(4) / 60;
    expect(hundreds(more)).toBeCloseTo((always + round(4) + 7 * compaction) / 100, 6);
  });

  it('has of a long round only what fits into a second', () => {
    // 100 ms, and four calls of 8 ms and 20 ms for each of 48 partitions: 2,596 ms; 43,800 / 41,062.5 as above.
    const given = { eventsPerSecond: 480, partitions: 48, keys: 4_800 };
    const more = { ...given, retentionHours: 24 };
    const always = 48 * (5 * entry + compaction / 64) + round(48) / 60;
    const highest = always + round(48) / 2.596 + compaction;
    expect(hundreds(more)).toBeCloseTo(highest / 100, 6);
  });

  it('is a tenth of the maximum at least', () => {
    expect(hundreds({ eventsPerSecond: 0 })).toBe(1);
    const bursts = { eventsPerSecond: 4_000, partitions: 20, keys: 2_000, retentionHours: 1 };
    const highest = hundreds(bursts);
    expect(Math.ceil(highest / 10)).toBe(2);
    // In 95 % of the time nothing comes.
    const bursty = { eventsPerSecond: 200, shape: 'bursty', peakFactor: 20 } as const;
    expect(hundreds({ ...bursts, ...bursty })).toBeCloseTo(0.05 * highest + 0.95 * 2, 6);
  });

  it('has a maximum of 10 units at least for each GB, in thousands', () => {
    const quiet = { ...ten, eventsPerSecond: 0 };
    const [load] = azureLoads(quiet, simple);
    const of = (gb: number, unitsOf = autoscaledUnits): number => {
      const page = { pages: 0, rewrites: [], fillingBytes: 0, fullPerSecond: 0 };
      const views = [{ ...page, fullBytes: gb * 2 ** 30 * 0.75 }];
      return unitsOf(quiet, simple, [{ ...load!, views }]);
    };
    expect([of(50), of(250), of(310)]).toEqual([100, 300, 400]);
    // What is provisioned has one for each.
    expect(of(310, provisionedUnits)).toBe(400);
    expect(of(500, provisionedUnits)).toBeCloseTo(500, 3);
  });
});
