import { describe, expect, it } from 'vitest';
import {
  type Capacity,
  type Check,
  capacityOf,
  checksOf,
  hotShareOf,
} from '../../cost/capacity.ts';
import { fitted } from '../../cost/fitted.ts';
import { hottestShare } from '../../cost/keys.ts';
import type { Cloud } from '../../cost/price-book.ts';
import type { Profile } from '../../cost/profile.ts';
import { workloadOf } from '../../cost/workload.ts';
import { profile } from './shipped.ts';
import { simple } from './simple-profile.ts';

const clouds: readonly Cloud[] = ['aws', 'azure'];
const storage = 'a logical partition, storage';

const limitOf = (cloud: Cloud, what: string, given: object, from = profile): Capacity =>
  capacityOf(cloud, workloadOf(given), from, 2_048).find((one) => one.what === what)!;
const checkOf = (what: string, given: object, hot: number): Check =>
  checksOf('azure', workloadOf(given), profile, 2_048, hot).find((one) => one.what === what)!;
const fittedTo = (cloud: Cloud, given: object, from = profile) =>
  fitted(cloud, workloadOf(given), from);

describe('the hottest key', () => {
  it('has the share that its law says', () => {
    expect(hottestShare({ exponent: 0, keys: 4 })).toBeCloseTo(0.25, 12);
    // 1 / (1 + 1/2 + 1/3 + 1/4).
    expect(hottestShare({ exponent: 1, keys: 4 })).toBeCloseTo(0.48, 12);
    // 1 / 9.7876, the harmonic number of ten thousand.
    expect(hottestShare({ exponent: 1, keys: 10_000 })).toBeCloseTo(0.1022, 3);
    expect(hottestShare({ exponent: 1, keys: 1 })).toBe(1);
  });

  it('is one of the first view that has several keys, or of as many as the workload has', () => {
    const [view] = simple.views;
    const all = { ...view!, name: 'all', popularity: { exponent: 0, keys: 1 } };
    const two: Profile = { ...simple, views: [all, view!] };
    expect(hotShareOf(workloadOf({}), two)).toBeCloseTo(0.01, 12);
    expect(hotShareOf(workloadOf({ keys: 20 }), two)).toBeCloseTo(0.05, 12);
    expect(hotShareOf(workloadOf({ keys: 1 }), two)).toBe(1);
    expect(hotShareOf(workloadOf({}), { ...simple, views: [all] })).toBe(0);
  });
});

describe('what the parts carry', () => {
  it.each(clouds)('on %s breaks where it is said to', (cloud) => {
    const workload = workloadOf({ shape: 'daily', peakFactor: 1.5 });
    const all = capacityOf(cloud, workload, profile, 2_048);
    const hot = hotShareOf(workload, profile);
    const shares = all.map(({ used, most }) => used / most);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    for (const { what, breaksAt } of all) {
      if (breaksAt === null) continue;
      const at = (factor: number) => {
        const rate = { ...workload, eventsPerSecond: breaksAt * factor };
        const { used, most } = checksOf(cloud, rate, profile, 2_048, hot).find(
          (one) => one.what === what,
        )!;
        return used / most;
      };
      expect(at(0.99), what).toBeLessThanOrEqual(1);
      expect(at(1.01), what).toBeGreaterThan(1);
    }
  });

  it('counts records and bytes of the fullest shard, and the units of one partition of the table', () => {
    // A tenth of 1,800 records/s is of one key; of the others each of 2 shards has half: 180 + 810.
    const given = { eventsPerSecond: 1_800, recordEvents: 1, eventBytes: 500, partitions: 2 };
    const used = (what: string, keys: number) =>
      limitOf('aws', what, { ...given, keys }, simple).used;
    expect(used('a shard, records in', 10)).toBeCloseTo(990, 9);
    expect(used('a shard, bytes in', 10)).toBeCloseTo(495_000, 6);
    // All keys come alike, and are many.
    expect(used('a shard, records in', 1e9)).toBeCloseTo(900, 4);
    expect(used('a partition of the table, writes', 10)).toBeGreaterThan(1);
  });

  it('is the same of one partition, however hot a key', () => {
    const at = (hot: number) =>
      checksOf('azure', workloadOf({ partitions: 1 }), profile, 2_048, hot);
    expect(at(0.9)).toEqual(at(0));
  });

  it('counts entries of the fullest logical partition, and pages of a mean one', () => {
    const growth = (given: object) =>
      checkOf(storage, given, 0.5).used / checkOf(storage, given, 0).used;
    // Half of the events and an eighth: 2.5 times a quarter.
    expect(growth({ rowDays: 1 })).toBeGreaterThan(2);
    expect(growth({ rowDays: 36_500, retentionHours: 24 })).toBeLessThan(1.05);
  });

  it('has what all partitions use together, whatever the keys', () => {
    for (const what of ['the namespace', 'a serverless container, request units']) {
      const given = { eventsPerSecond: 50_000, recordEvents: 10 };
      expect(checkOf(what, given, 0.5).used).toBe(checkOf(what, given, 0).used);
    }
  });

  it('names what helps where a limit is passed', () => {
    const records = (given: object) =>
      limitOf('aws', 'a shard, records in', { recordEvents: 1, partitions: 1, ...given });
    expect(records({ eventsPerSecond: 900 }).cure).toBeNull();
    expect(records({ eventsPerSecond: 2_000 }).cure).toBe('partitions');
    expect(records({ eventsPerSecond: 20_000 }).cure).toBe('spread');
    expect(limitOf('azure', storage, { eventsPerSecond: 20_000 }).cure).toBe('spread');
    // 32 partitions of one hub do not take in 40,000 records/s, whatever the keys.
    const most = { eventsPerSecond: 40_000, recordEvents: 1 };
    expect(limitOf('azure', 'a partition of the hub, records in', most).cure).toBeNull();
    const asked = { queriesPerSecond: 500 };
    const serverless = limitOf('azure', 'a serverless container, request units', asked);
    expect(serverless.cure).toBe('autoscale');
  });

  it('counts the partitions of a hub, at any rate', () => {
    const hub = limitOf('azure', 'partitions of the hub', { partitions: 64 });
    expect(hub).toMatchObject({ used: 64, most: 32, breaksAt: null, cure: null });
  });
});

describe('the partitions that a rate needs', () => {
  it('carry the hottest key too', () => {
    // 357 records/s are of the hottest key; of 3,143 others a shard of 4 has 786, one of 8 has 393.
    const given = { eventsPerSecond: 3_500, recordEvents: 1, partitions: 1 };
    const { workload, passed } = fittedTo('aws', given);
    expect([workload.partitions, passed]).toEqual([8, []]);
    expect(fittedTo('aws', { ...given, partitions: 5 }).workload.partitions).toBe(5);
    // A thousand keys that come alike: 3.5 records/s of each.
    expect(fittedTo('aws', { ...given, keys: 1_000 }, simple).workload.partitions).toBe(4);
  });

  it('hold what is kept of a logical partition', () => {
    const { workload, passed } = fittedTo('azure', { eventsPerSecond: 5_000 });
    expect(passed).toEqual([]);
    expect(workload.partitions).toBeGreaterThan(4);
    const { used, most } = limitOf('azure', storage, workload);
    expect(used).toBeLessThanOrEqual(most);
  });

  it('are no more than keys that come alike need where one key is too hot', () => {
    const given = { eventsPerSecond: 20_000, recordEvents: 1 };
    const { workload, passed } = fittedTo('aws', given);
    expect(passed).toEqual(['a shard, records in']);
    expect(workload.partitions).toBe(32);
  });

  it('are no more than a hub has, and what they do not carry is named', () => {
    const even = { keys: 1_000, retentionHours: 1, rowDays: 1, recordEvents: 1 };
    const at = (eventsPerSecond: number) => fittedTo('azure', { ...even, eventsPerSecond }, simple);
    expect(at(30_000).workload.partitions).toBe(32);
    expect(at(30_000).passed).toEqual([]);
    expect(at(36_000).passed).toEqual(['a partition of the hub, records in']);
    expect(at(45_000).passed).toContain('the namespace');
    expect(fittedTo('azure', { partitions: 64 }).workload.partitions).toBe(32);
  });

  it('stay as they are where queries pass a limit that no partitions ease', () => {
    const { workload, passed } = fittedTo('aws', { queriesPerSecond: 100_000 });
    expect([workload.partitions, passed]).toEqual([4, ['a partition of the table, reads']]);
  });

  it('have Cosmos DB on autoscale where serverless is not enough', () => {
    const { store, passed } = fittedTo('azure', { queriesPerSecond: 500 });
    expect([store, passed]).toEqual(['autoscale', []]);
    expect(fittedTo('azure', {}).store).toBe('serverless');
  });
});
