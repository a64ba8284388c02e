import type { Profile } from '../../cost/profile.ts';

const always = (value: number) => [1, 1_000_000].map((events) => ({ events, value }));

/**
 * A made-up profile with which a bill can be worked out by hand: every entry has 500 bytes, every page 100 rows of 10
 * bytes, a batch takes no CPU.
 */
export const simple: Profile = {
  ...{ pipeline: 'simple', input: 'none', events: 1_000_000, eventsPerSecond: 1 },
  ...{ measuredOn: '2026-11-22', machine: 'none', versions: {}, eventBytes: 200 },
  records: [{ events: 1, bytesPerEvent: 200 }],
  batches: always(500).map(({ events, value }) => ({
    ...{ events, entries: 1, entryBytes: value, rowBytes: 0, rows: 1, entryBytesDeviation: 0 },
  })),
  cpu: {
    plain: { perBatchMs: 0, perEventUs: 0 },
    packed: { perBatchMs: 0, perEventUs: 0 },
  },
  views: [
    {
      ...{ name: 'only', rollup: false, pageSeconds: 60, rowSeconds: 60 },
      pages: [
        { events: 0, rows: 0, bytes: 0 },
        { events: 100, rows: 100, bytes: 1_000 },
      ],
      keys: always(100).map(({ events, value }) => ({ events, keys: value })),
      rowGrowth: 0,
      popularity: { exponent: 0, keys: 100 },
    },
  ],
  delays: [{ seconds: 0, share: 0 }],
  compactions: [{ batchEvents: 10, pages: 2, writtenBytes: 2_000, readBytes: 32_000 }],
  calls: {
    batch: { reads: 0, writes: 1 },
    compaction: { reads: 2, writes: 1 },
    round: { reads: 2, writes: 1 },
    partition: { reads: 3, writes: 1 },
    quietRound: { reads: 2, writes: 0 },
    quietPartition: { reads: 3, writes: 0 },
  },
  ...{ answerRowBytes: 100, heapPeakMB: 10, startMs: 100 },
};
