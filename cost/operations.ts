import { defaultLimits } from '../core/limits.ts';
import type { Load } from './load.ts';
import type { MeasuredCalls, Profile } from './profile.ts';
import type { Workload } from './workload.ts';

/** What calls of the state store are for. */
export type Use = 'commits' | 'compaction' | 'maintenance' | 'queries';

/** Calls of one kind: each of one item, or a `range` of several; bytes are of the body of one. */
export interface Operation {
  readonly use: Use;
  readonly kind: 'create' | 'replace' | 'read' | 'range';
  readonly perSecond: number;
  readonly bytes: number;
  readonly items: number;
  /** All items of a call are that much smaller and larger together, as a share. */
  readonly spread: number;
}

/** Bodies of a head, of what maintenance remembers and of the list of partitions, about. */
const smallBytes = 200;
const { compactEntries } = defaultLimits;
/** Sizes of small items do not matter, and those of a page hardly move from one compaction to the next. */
const pageSpread = 0.02;
/** Of entries that are read together, what is read at once is as good as any size up to twice the mean. */
const tailSpread = 1;

/** The calls of the store that a level of a workload makes, by second. */
export function operationsOf(load: Load, workload: Workload, profile: Profile): Operation[] {
  return [
    ...commits(load),
    ...compaction(load, profile),
    ...maintenance(load, profile),
    ...queries(load, workload, profile),
  ].filter(({ perSecond }) => perSecond > 0);
}

function commits({ entriesPerSecond, entrySizes }: Load): Operation[] {
  const kind = 'create';
  return entrySizes.map(({ share, bytes, spread }) => {
    return { use: 'commits', kind, perSecond: share * entriesPerSecond, bytes, items: 1, spread };
  });
}

/** An item of no size to speak of. */
const small = { bytes: smallBytes, items: 1, spread: 0.1 } as const;

/** Reads the entries and the head, then reads and writes each page, then moves the head. */
function compaction(load: Load, { calls }: Profile): Operation[] {
  const { compactionsPerSecond: perSecond, entryBytes, entrySizes, views, partitions } = load;
  const use = 'compaction';
  // What spreads by itself evens out over many.
  const spread = Math.max(0, ...entrySizes.map((one) => one.spread)) / Math.sqrt(compactEntries);
  return [
    { use, kind: 'range', perSecond, bytes: entryBytes, items: compactEntries, spread },
    { ...small, use, kind: 'read', perSecond: perSecond * Math.max(0, calls.compaction.reads - 1) },
    { ...small, use, kind: 'replace', perSecond: perSecond * calls.compaction.writes },
    ...views.flatMap(({ rewrites }) =>
      rewrites.flatMap(({ perSecond: each, before, after }): Operation[] => {
        const page = { use, perSecond: partitions * each, items: 1, spread: pageSpread } as const;
        const kind = before === null ? 'create' : 'replace';
        return [
          { ...page, kind: 'read', bytes: before ?? 0 },
          { ...page, kind, bytes: after },
        ];
      }),
    ),
  ];
}

/**
 * Entries behind the head that a reader has not yet seen, which comes after so many new ones: behind the head there
 * are between none and those of one compaction.
 */
function unseen(entries: number): number {
  const some = Math.min(entries, compactEntries);
  return some - some ** 2 / (2 * compactEntries);
}

/** A round a minute; one of its reads of each partition is of the entries that it has not seen. */
function maintenance(load: Load, { calls }: Profile): Operation[] {
  const { partitions, entriesPerSecond, entryBytes, eventsPerSecond } = load;
  const isQuiet = eventsPerSecond === 0;
  const round: MeasuredCalls = isQuiet ? calls.quietRound : calls.round;
  const partition: MeasuredCalls = isQuiet ? calls.quietPartition : calls.partition;
  const perSecond = 1 / 60;
  const use = 'maintenance';
  const reads = round.reads + partitions * Math.max(0, partition.reads - 1);
  const writes = round.writes + partitions * partition.writes;
  const items = unseen((60 * entriesPerSecond) / partitions);
  const tail = { perSecond: perSecond * partitions, bytes: entryBytes, items, spread: tailSpread };
  return [
    { ...small, use, kind: 'read', perSecond: perSecond * reads },
    { ...small, use, kind: 'replace', perSecond: perSecond * writes },
    { ...tail, use, kind: 'range' },
  ];
}

/**
 * What a warm instance reads for a query: the list of partitions, of each the head and the entries it has not seen;
 * and the pages anew once a head has moved, or the range with the time.
 */
function queries(load: Load, workload: Workload, profile: Profile): Operation[] {
  const { queriesPerSecond, querySeconds } = workload;
  const { partitions, entriesPerSecond, entryBytes, compactionsPerSecond, views } = load;
  if (queriesPerSecond === 0) return [];
  const use = 'queries';
  const each = queriesPerSecond * partitions;
  const news = unseen(entriesPerSecond / partitions / queriesPerSecond);
  const everySeconds = compactionsPerSecond === 0 ? 0 : partitions / compactionsPerSecond;
  const pages = views.map(({ fullBytes, fillingBytes }, i): Operation => {
    const { pageSeconds } = profile.views[i] ?? { pageSeconds: null };
    const movedPerSecond = movedOf(queriesPerSecond, everySeconds, pageSeconds);
    const perSecond = (movedPerSecond * partitions) / views.length;
    // Before the first of the range stands another page, and the last page ends with the last compaction.
    const full = pageSeconds === null ? 0 : (querySeconds - everySeconds / 2) / pageSeconds;
    const items = 1 + Math.max(0, full);
    const bytes = (fillingBytes + (items - 1) * fullBytes) / items;
    return { use, kind: 'range', perSecond, bytes, items, spread: pageSpread };
  });
  return [
    { ...small, use, kind: 'read', perSecond: queriesPerSecond + each },
    { use, kind: 'range', perSecond: each, bytes: entryBytes, items: news, spread: tailSpread },
    ...pages,
  ];
}

/** How many queries by second find that since the last one a head has moved, or the first page of their range. */
function movedOf(
  queriesPerSecond: number,
  everySeconds: number,
  pageSeconds: number | null,
): number {
  const stays = (seconds: number): number =>
    seconds === 0 ? 1 : Math.max(0, 1 - 1 / (queriesPerSecond * seconds));
  return queriesPerSecond * (1 - stays(everySeconds) * stays(pageSeconds ?? 0));
}

/** Calls that are made one after the other while a batch is processed, those of its share of a compaction included. */
export function callsOfBatch(load: Load, profile: Profile): number {
  const { entriesPerSecond, batchesPerSecond } = load;
  const entries = batchesPerSecond === 0 ? 0 : entriesPerSecond / batchesPerSecond;
  const { reads, writes } = profile.calls.batch;
  return reads + entries * (writes + callsOfCompaction(load, profile) / compactEntries);
}

/** Calls that a compaction makes one after the other. */
export function callsOfCompaction({ views }: Load, profile: Profile): number {
  const { reads, writes } = profile.calls.compaction;
  return reads + writes + 2 * views.reduce((sum, one) => sum + one.pages, 0);
}
