import { describe, expect, it } from 'vitest';
import { clicks, clickTexts, random } from '../../bench/clicks.ts';
import { feed } from '../../cli/profile/feed.ts';
import { awsLoads } from '../../cost/aws/usage.ts';
import { dynamoDbUnits, itemOverheadBytes, writeUnits } from '../../cost/dynamodb-units.ts';
import { operationsOf, type Use } from '../../cost/operations.ts';
import { type Workload, workloadOf } from '../../cost/workload.ts';
import { profile } from './shipped.ts';

/** Write units by event that the model predicts on the shipped profile. */
function predicted(workload: Workload, use: Use): number {
  const [load] = awsLoads(workload, profile);
  const operations = operationsOf(load!, workload, profile).filter((one) => one.use === use);
  return dynamoDbUnits(operations).write / workload.eventsPerSecond;
}

/** How many events come by chance in a second, of so many in the mean. */
function chance(mean: number): () => number {
  const next = random(7);
  return () => {
    let count = 0;
    let at = -Math.log(next());
    while (at < mean) {
      count += 1;
      at -= Math.log(next());
    }
    return Math.max(1, count);
  };
}

/** Compactions before those that are counted; and those, which meet the pages at every age. */
const [warmBatches, batches] = [2 * 64, 15 * 64];
/** What the stream in memory has shorter positions for than Kinesis. */
const positionBytes = 50;
/** Compactions begin between the beginnings of pages. */
const offsetSeconds = 2;

/**
 * The shipped profile was measured on other clicks than these: the model has to predict what the real processor and
 * compaction write of these. Units are counted item by item, rounded up as DynamoDB does.
 */
describe('what the model predicts and what the real core writes', () => {
  it.each([
    { rate: 20, keys: 10_000 },
    { rate: 100, keys: 10_000 },
    { rate: 100, keys: 1_000 },
    { rate: 100, keys: 100_000 },
  ])(
    '$rate events/s of $keys keys: commits and compaction within 5 %',
    { timeout: 60_000 },
    async ({ rate, keys }) => {
      // A batch a second.
      const count = (offsetSeconds + warmBatches + batches) * rate;
      const texts = [...clickTexts({ count, rate, keys, seed: 77 })].slice(offsetSeconds * rate);
      const warm = await feed(clicks, texts.slice(0, warmBatches * rate), chance(rate), 1);
      const all = await feed(clicks, texts, chance(rate), 1);
      const events = batches * rate;
      const entries = all.world.store.entries.slice(1 + warm.batches);
      const commits = entries.reduce((sum, { body }) => {
        return sum + writeUnits(body.length + positionBytes + itemOverheadBytes);
      }, 0);
      const workload = workloadOf({ eventsPerSecond: rate, recordEvents: 1, partitions: 1, keys });
      expect(Math.abs(predicted(workload, 'commits') / (commits / events) - 1)).toBeLessThan(0.05);
      const [load] = awsLoads(workload, profile);
      const bytes = entries.reduce((sum, { body }) => sum + body.length + positionBytes, 0);
      expect(Math.abs(load!.entryBytes / (bytes / entries.length) - 1)).toBeLessThan(0.05);

      // Pages by their mean size; a head has one unit.
      const pages = all.counted.pages - warm.counted.pages;
      const heads = all.counted.heads - warm.counted.heads;
      const written = all.counted.compactedBytes - warm.counted.compactedBytes;
      const units = (written + pages * itemOverheadBytes) / 1_024 + pages / 2 + heads;
      const error = predicted(workload, 'compaction') / (units / events) - 1;
      expect(Math.abs(error)).toBeLessThan(0.05);
    },
  );
});
