import { decodeEntry, encodeEntry } from '../../core/journal/entry-codec.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { ViewPlan } from '../../core/plan.ts';
import { rowJson } from '../../core/query/answer.ts';
import { decodePage, type Page } from '../../core/view/page.ts';
import { Rows } from '../../core/view/rows.ts';
import type {
  MeasuredBatch,
  MeasuredCompaction,
  MeasuredCpu,
  MeasuredView,
  Profile,
} from '../../cost/profile.ts';
import { type Fed, feed } from './feed.ts';

/** Sizes of batches that are measured, and of how many of each the mean is. */
const sizes: readonly (readonly [events: number, batches: number])[] = [
  [1, 500],
  [10, 300],
  [100, 200],
  [1_000, 200],
  [5_000, 40],
];
const packedEvents = 100;
/** Batches of so many events and more may take several entries. */
const split = 5_000;
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
  return all.map(({ events, fed }) => {
    const { journal, store } = fed.world;
    const empty = journal.plan.views.map((view) => new Rows(view));
    let [entries, entryBytes, bareBytes, rows] = [0, 0, 0, 0];
    for (const { key, body } of store.entries) {
      const entry = decodeEntry(key, body, journal);
      if (entry.kind !== 'run') continue;
      entries += 1;
      entryBytes += body.length;
      bareBytes += encodeEntry(key, { ...entry, views: empty }, journal).length;
      rows += entry.views.reduce((sum, { size }) => sum + size, 0);
    }
    return {
      events,
      entries: round(entries / fed.batches),
      entryBytes: round(entryBytes / fed.batches),
      rowBytes: round((entryBytes - bareBytes) / fed.batches),
      rows: round(rows / fed.batches),
    };
  });
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

/** The pages of a view that a feed left behind. */
async function pagesOf({ world }: Fed, view: ViewPlan): Promise<{ page: Page; bytes: number }[]> {
  const { journal, store } = world;
  const partition = `${journal.scope.pipeline}/${journal.scope.generation}/0`;
  const items = await store.inner.range(partition, `p/${view.name}/`, `p/${view.name}0`, 10_000);
  const pages: { page: Page; bytes: number }[] = [];
  for (const item of items) {
    const page = await decodePage(journal, { partition, sort: item.sort }, item, view);
    if (page !== null) pages.push({ page, bytes: item.body.length });
  }
  return pages;
}

/** How many keys so many events have, from the entries in their order: means of batches, then running totals. */
function keysOf({ all }: FedSizes, index: number): MeasuredView['keys'] {
  const points: { events: number; keys: number }[] = [];
  for (const { events, fed } of all.filter((one) => one.events < split)) {
    const runs = rowsOf(fed, index);
    const keys = runs.reduce((sum, rows) => sum + new Set(keysIn(rows)).size, 0);
    points.push({ events, keys: round(keys / Math.max(1, runs.length)) });
  }
  const longest = all
    .filter((one) => one.events < split)
    .reduce((a, b) => (total(b) > total(a) ? b : a));
  const seen = new Set<string>();
  let events = 0;
  for (const rows of rowsOf(longest.fed, index)) {
    for (const key of keysIn(rows)) seen.add(key);
    events += longest.events;
    const isDecade = [5_000, 10_000, 20_000, 50_000, 100_000].includes(events);
    if (isDecade || events === total(longest)) points.push({ events, keys: seen.size });
  }
  return points.filter(({ events: at }, i) => i === 0 || at > (points[i - 1]?.events ?? 0));
}

const total = ({ events, fed }: FedSizes['all'][number]): number => events * fed.batches;

function rowsOf({ world: { journal, store } }: Fed, index: number): Rows[] {
  return store.entries.flatMap(({ key, body }) => {
    const entry = decodeEntry(key, body, journal);
    return entry.kind === 'run' ? [entry.views[index] as Rows] : [];
  });
}

function keysIn(rows: Rows): string[] {
  return rows.starts.map((_, row) => JSON.stringify(rows.keys.map((part) => part[row])));
}

/** All views: how much event time a page holds, what a row of one takes, and how many keys there are. */
export async function measuredViews(fed: FedSizes): Promise<{
  readonly views: readonly MeasuredView[];
  readonly answerRowBytes: number;
}> {
  const compacted = fed.all.findLast((one) => one.fed.counted.heads > 0) as FedSizes['all'][number];
  const { plan } = compacted.fed.world.journal;
  const views: MeasuredView[] = [];
  const answers: number[] = [];
  for (const [index, view] of plan.views.entries()) {
    const pages = await pagesOf(compacted.fed, view);
    const rows = pages.reduce((sum, { page }) => sum + page.rows.size, 0);
    const bytes = pages.reduce((sum, one) => sum + one.bytes, 0);
    const start = pages[0]?.page.rows.starts[0] ?? 0;
    const from = view.window.pageStart(start);
    const seconds = (view.window.pageEnd(from) - from) / 1_000;
    views.push({
      name: view.name,
      pageSeconds: view.window.kind === 'global' ? null : seconds,
      pageRowBytes: round(bytes / Math.max(1, rows)),
      keys: keysOf(fed, index),
    });
    const sample = pages[0]?.page.rows;
    if (sample !== undefined) answers.push(rowJson(sample, 0, 0).length);
  }
  const mean = answers.reduce((sum, one) => sum + one, 0) / Math.max(1, answers.length);
  return { views, answerRowBytes: round(mean) };
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

/** Four digits are more than a measurement has. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}
