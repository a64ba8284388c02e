import { describe, expect, it } from 'vitest';
import type { Wait } from '../wait.ts';
import { readHostJson } from './host-json.ts';
import { PartitionProcessor, type PartitionProcessorParts } from './partition-processor.ts';

interface Event {
  readonly sequenceNumber: number;
}

const never: Wait = () => new Promise(() => {});
const at = 1_700_000_000_000;

/** A processor with these settings of host.json, and the lists of what it did. */
function processorWith(
  eventHubs: Record<string, unknown>,
  parts: Partial<PartitionProcessorParts<Event>> = {},
) {
  const batches: number[][] = [];
  const checkpoints: number[] = [];
  const processor = new PartitionProcessor<Event>({
    settings: readHostJson({ version: '2.0', extensions: { eventHubs } }).eventHubs,
    execute: async (events) => {
      batches.push(events.map(({ sequenceNumber }) => sequenceNumber));
    },
    checkpoint: async ({ sequenceNumber }) => {
      checkpoints.push(sequenceNumber);
    },
    ...{ lastCheckpointAt: at - 1_000, now: () => at, wait: never, ...parts },
  });
  return { processor, batches, checkpoints };
}

const events = (from: number, count: number): Event[] =>
  Array.from({ length: count }, (_, index) => ({ sequenceNumber: from + index }));

describe('checkpoints, by the table of the extension itself', () => {
  it.each([
    [1, 100],
    [4, 25],
    [8, 12],
    [32, 3],
    [128, 0],
  ])('a frequency of %i over 100 batches gives %i', async (batchCheckpointFrequency, expected) => {
    const { processor, batches, checkpoints } = processorWith({ batchCheckpointFrequency });
    for (let i = 0; i < 100; i += 1) await processor.process(events(3 * i, 3));
    expect(batches).toHaveLength(100);
    expect(checkpoints).toEqual(
      Array.from({ length: expected }, (_, i) => 3 * batchCheckpointFrequency * (i + 1) - 1),
    );
  });

  it.each([
    [1, 30],
    [5, 6],
    [10, 3],
    [30, 1],
    [35, 0],
  ])('a frequency of %i over 60 calls of half a batch gives %i', async (frequency, expected) => {
    const eventHubs = { batchCheckpointFrequency: frequency, minEventBatchSize: 10 };
    const { processor, batches, checkpoints } = processorWith(eventHubs);
    for (let i = 0; i < 60; i += 1) await processor.process(events(5 * i, 5));
    expect(batches.map((batch) => batch.length)).toEqual(Array(30).fill(10));
    expect(processor.heldEvents).toBe(0);
    expect(checkpoints).toHaveLength(expected);
  });

  it.each(['OwnershipLost', 'Shutdown'] as const)(
    '%s while the function runs withholds it',
    async (reason) => {
      const { processor, checkpoints } = processorWith(
        {},
        {
          execute: async (_, cancelled) => {
            await processor.close(reason);
            expect(cancelled.aborted).toBe(true);
          },
        },
      );
      await processor.process(events(0, 3));
      expect(checkpoints).toEqual([]);
    },
  );

  it('a stopping listener withholds it, and does not interrupt the function', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { processor, checkpoints } = processorWith({}, { execute: () => promise });
    const done = processor.process(events(0, 3));
    processor.stop();
    resolve();
    await done;
    expect(checkpoints).toEqual([]);
  });

  it.each([
    ['Shutdown', [5]],
    ['OwnershipLost', []],
  ] as const)(
    '%s, with batches that the frequency held back, gives %j',
    async (reason, expected) => {
      const { processor, checkpoints } = processorWith({ batchCheckpointFrequency: 4 });
      await processor.process(events(0, 3));
      await processor.process(events(3, 3));
      await processor.close(reason);
      expect(checkpoints).toEqual(expected);
    },
  );
});

describe('batches', () => {
  it('come one at a time', async () => {
    let running = 0;
    const { processor } = processorWith(
      {},
      {
        execute: async () => {
          running += 1;
          await Promise.resolve();
          expect(running).toBe(1);
          running -= 1;
        },
      },
    );
    await Promise.all([0, 1, 2, 3].map((i) => processor.process(events(i, 1))));
    expect.assertions(4);
  });

  it('wait for the smallest size, and no longer than maxWaitTime', async () => {
    const waits: { ms: number; end: () => void; aborted: () => boolean }[] = [];
    const wait: Wait = (ms, signal) =>
      new Promise((end) => waits.push({ ms, end, aborted: () => signal.aborted }));
    const eventHubs = { minEventBatchSize: 10, maxEventBatchSize: 12, maxWaitTime: '00:00:20' };
    const { processor, batches, checkpoints } = processorWith(eventHubs, { wait });
    await processor.process(events(0, 4));
    expect(batches).toEqual([]);
    // Of the first wait one second is over, since the last checkpoint was written.
    expect(waits.map(({ ms }) => ms)).toEqual([19_000]);
    await processor.process(events(4, 10));
    expect(batches.map((batch) => batch.length)).toEqual([12]);
    expect(waits[0]!.aborted()).toBe(true);
    expect(waits.map(({ ms }) => ms)).toEqual([19_000, 20_000]);
    waits[1]!.end();
    await expect.poll(() => checkpoints).toEqual([11, 13]);
    expect(batches.at(-1)).toEqual([12, 13]);
    expect(processor.heldEvents).toBe(0);
  });

  it.each([
    ['no checkpoint', null],
    ['an old checkpoint', at - 3_600_000],
  ])('do not wait at first when there is %s', async (_, lastCheckpointAt) => {
    const waited: number[] = [];
    const wait: Wait = async (ms) => void waited.push(ms);
    const { processor, batches } = processorWith(
      { minEventBatchSize: 10 },
      { wait, lastCheckpointAt },
    );
    await processor.process(events(0, 5));
    await expect.poll(() => batches).toEqual([[0, 1, 2, 3, 4]]);
    expect(waited).toEqual([0]);
  });

  it('that are held are dropped when the partition is closed', async () => {
    const { processor, batches } = processorWith({ minEventBatchSize: 10 });
    await processor.process(events(0, 5));
    await processor.close('OwnershipLost');
    expect(processor.heldEvents).toBe(0);
    expect(batches).toEqual([]);
  });
});
