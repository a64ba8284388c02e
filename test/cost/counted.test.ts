import { describe, expect, it } from 'vitest';
import { clicks, clickTexts } from '../../bench/clicks.ts';
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

/**
 * The shipped profile was measured on other clicks than these (another seed, and more of them at once): the model has
 * to predict what the real processor and compaction write of these. Units are counted item by item, rounded up as
 * DynamoDB does.
 */
describe('what the model predicts and what the real core writes', () => {
  it.each([
    { batchEvents: 20, keys: 10_000, count: 20_000, commits: 0.05, compaction: 0.25 },
    { batchEvents: 250, keys: 10_000, count: 80_000, commits: 0.05, compaction: 0.25 },
    { batchEvents: 1_000, keys: 10_000, count: 130_000, commits: 0.05, compaction: 0.25 },
    // Of other keys than those of the profile the model has to guess how they repeat.
    { batchEvents: 250, keys: 1_000, count: 80_000, commits: 0.1, compaction: 0.25 },
    { batchEvents: 1_000, keys: 100, count: 130_000, commits: 0.1, compaction: 0.25 },
    { batchEvents: 1_000, keys: 100_000, count: 130_000, commits: 0.1, compaction: 0.6 },
  ])(
    '$batchEvents events to a batch of $keys keys: commits within $commits, compaction within $compaction',
    { timeout: 60_000 },
    async ({ batchEvents, keys, count, ...most }) => {
      // A batch a second.
      const texts = [...clickTexts({ count, rate: batchEvents, keys, seed: 77 })];
      const { world, batches, counted } = await feed(clicks, texts, batchEvents, 1);
      const entries = world.store.entries.slice(1);
      expect(entries).toHaveLength(batches);
      const commits = entries.reduce(
        (sum, { body }) => sum + writeUnits(body.length + itemOverheadBytes),
        0,
      );
      const workload = workloadOf({
        ...{ eventsPerSecond: batchEvents, recordEvents: 1, partitions: 1 },
        keys: keys === 10_000 ? null : keys,
      });
      const [load] = awsLoads(workload, profile);
      const entryBytes = entries.reduce((sum, { body }) => sum + body.length, 0) / batches;
      const bytesError = load!.entryBytes / entryBytes - 1;
      expect(Math.abs(bytesError)).toBeLessThan(most.commits);
      const error = predicted(workload, 'commits') / (commits / count) - 1;
      expect(Math.abs(error)).toBeLessThan(most.commits);

      // Pages by their mean size; a head has one unit.
      const bytes = counted.compactedBytes + counted.pages * itemOverheadBytes;
      const compaction = (bytes / 1_024 + counted.pages / 2 + counted.heads) / count;
      const compactionError = predicted(workload, 'compaction') / compaction - 1;
      expect(Math.abs(compactionError)).toBeLessThan(most.compaction);
    },
  );
});
