import { decodeEntry, encodeEntry } from '../../core/journal/entry-codec.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { Rows } from '../../core/view/rows.ts';
import type {
  MeasuredBatch,
  MeasuredCompaction,
  MeasuredCpu,
  Profile,
} from '../../cost/profile.ts';
import { type Fed, feed } from './feed.ts';

/** Sizes of batches that are measured, and of how many of each the mean is. */
const sizes: readonly (readonly [events: number, batches: number])[] = [
  [1, 500],
  [10, 300],
  [30, 200],
  [100, 200],
  [300, 100],
  [1_000, 200],
  [5_000, 40],
];
const packedEvents = 100;
const tries = 3;
const compactEntries = 64;

/** What batches of several sizes gave, one record per event. */
export interface FedSizes {
  readonly all: readonly { readonly events: number; readonly fed: Fed }[];
}

/** Feeds the events in batches of every size that there are enough of. */
export async function feedSizes(pipeline: Pipeline, events: readonly string[]): Promise<FedSizes> {
  const all: { events: number; fed: Fed }[] = [];
  for (const [size, batches] of sizes) {
    if (size > events.length) break;
    const count = Math.min(events.length - (events.length % size), size * batches);
    all.push({ events: size, fed: await feed(pipeline, events.slice(0, count), size, 1) });
  }
  return { all };
}

/** The entries of batches, by size: genesis left out. A large batch may take several. */
export function measuredBatches({ all }: FedSizes): MeasuredBatch[] {
  const batches = all.map(({ events, fed }): MeasuredBatch => {
    const { journal, store } = fed.world;
    const empty = journal.plan.views.map((view) => new Rows(view));
    let [entries, entryBytes, squares, bareBytes, rows] = [0, 0, 0, 0, 0];
    for (const { key, body } of store.entries) {
      const entry = decodeEntry(key, body, journal);
      if (entry.kind !== 'run') continue;
      entries += 1;
      entryBytes += body.length;
      squares += body.length ** 2;
      bareBytes += encodeEntry(key, { ...entry, views: empty }, journal).length;
      rows += entry.views.reduce((sum, { size }) => sum + size, 0);
    }
    const variance = squares / entries - (entryBytes / entries) ** 2;
    return {
      events,
      entries: round(entries / fed.batches),
      entryBytes: round(entryBytes / fed.batches),
      rowBytes: round((entryBytes - bareBytes) / fed.batches),
      rows: round(rows / fed.batches),
      entryBytesDeviation: round(Math.sqrt(Math.max(0, variance))),
    };
  });
  return neverFalling(batches, 'rows');
}

/** What compactions wrote and read, where the events were enough for some. */
export function measuredCompactions({ all }: FedSizes): MeasuredCompaction[] {
  return all.flatMap(({ events, fed }) => {
    const { heads, pages, compactedBytes, readBytes } = fed.counted;
    if (events === 1 || heads === 0) return [];
    return [
      {
        batchEvents: events,
        pages: round(pages / heads),
        writtenBytes: round(compactedBytes / heads),
        readBytes: round(readBytes / heads),
      },
    ];
  });
}

/** CPU of batches as a line through a small and a large size, one event to a record and a hundred. */
export async function measuredCpu(
  pipeline: Pipeline,
  events: readonly string[],
): Promise<Profile['cpu']> {
  const most = Math.min(events.length, 100_000);
  const large = Math.min(5_000, Math.floor(most / 10));
  const line = async (small: number, recordEvents: number): Promise<MeasuredCpu> => {
    const some = events.slice(0, Math.min(most, small * 20 * compactEntries));
    const all = events.slice(0, most);
    const best = async (taken: readonly string[], size: number): Promise<number> => {
      const times: number[] = [];
      // The first time is for the compiler; the least is what others on the machine disturbed least.
      for (let i = 0; i <= tries; i += 1) {
        const { cpuMs, batches } = await feed(pipeline, taken, size, recordEvents);
        times.push(cpuMs / batches);
      }
      return Math.min(...times);
    };
    const [manyMs, fewMs] = [await best(all, large), await best(some, small)];
    const perEventMs = Math.max(0, (manyMs - fewMs) / (large - small));
    const perBatchMs = Math.max(0, fewMs - small * perEventMs);
    return { perBatchMs: round(perBatchMs), perEventUs: round(perEventMs * 1_000) };
  };
  const packed = Math.min(packedEvents, large);
  return { plain: await line(10, 1), packed: await line(packed, packed) };
}

/** More events never have fewer of something; means of other parts of the events may say so, where it hardly grows. */
export function neverFalling<Field extends string, T extends Readonly<Record<Field, number>>>(
  items: readonly T[],
  field: Field,
): T[] {
  let most = 0;
  return items.map((item) => {
    most = Math.max(most, item[field]);
    return { ...item, [field]: most };
  });
}

/** Four digits are more than a measurement has. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}
