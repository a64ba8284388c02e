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
}

/** Bodies of a head, of what maintenance remembers and of the list of partitions, about. */
const smallBytes = 200;
const { compactEntries } = defaultLimits;
/** Entries behind the head, in the mean: between none and those of one compaction. */
const tailEntries: number = compactEntries / 2;
/** Event time that a query asks for. */
const querySeconds = 3_600;

/** The calls of the store that a level of a workload makes, by second. */
export function operationsOf(load: Load, workload: Workload, profile: Profile): Operation[] {
  return [
    commits(load),
    ...compaction(load, profile),
    ...maintenance(load, profile),
    ...queries(load, workload),
  ].filter(({ perSecond }) => perSecond > 0);
}

function commits({ entriesPerSecond, entryBytes }: Load): Operation {
  const kind = 'create';
  return { use: 'commits', kind, perSecond: entriesPerSecond, bytes: entryBytes, items: 1 };
}

/** Reads the entries and the head, then reads and writes each page, then moves the head. */
function compaction(load: Load, { calls }: Profile): Operation[] {
  const { compactionsPerSecond: perSecond, entryBytes, views } = load;
  const use = 'compaction';
  const small = { use, bytes: smallBytes, items: 1 } as const;
  return [
    { use, kind: 'range', perSecond, bytes: entryBytes, items: compactEntries },
    { ...small, kind: 'read', perSecond: perSecond * Math.max(0, calls.compaction.reads - 1) },
    { ...small, kind: 'replace', perSecond: perSecond * calls.compaction.writes },
    ...views.flatMap(({ pages, pageBytes }): Operation[] => {
      const each = { use, perSecond: perSecond * pages, bytes: pageBytes, items: 1 } as const;
      return [
        { ...each, kind: 'read' },
        { ...each, kind: 'replace' },
      ];
    }),
  ];
}

/** A round a minute; one of its reads of each partition is of the entries that it has not seen. */
function maintenance(load: Load, { calls }: Profile): Operation[] {
  const { partitions, entriesPerSecond, entryBytes, eventsPerSecond } = load;
  const isQuiet = eventsPerSecond === 0;
  const round: MeasuredCalls = isQuiet ? calls.quietRound : calls.round;
  const partition: MeasuredCalls = isQuiet ? calls.quietPartition : calls.partition;
  const perSecond = 1 / 60;
  const use = 'maintenance';
  const small = { use, bytes: smallBytes, items: 1 } as const;
  const reads = round.reads + partitions * Math.max(0, partition.reads - 1);
  const writes = round.writes + partitions * partition.writes;
  const items = Math.min(tailEntries, (60 * entriesPerSecond) / partitions);
  return [
    { ...small, kind: 'read', perSecond: perSecond * reads },
    { ...small, kind: 'replace', perSecond: perSecond * writes },
    { use, kind: 'range', perSecond: perSecond * partitions, bytes: entryBytes, items },
  ];
}

/**
 * What a warm instance reads for a query: the list of partitions, of each the head and the entries it has not seen;
 * and the pages anew once a head has moved.
 */
function queries(load: Load, { queriesPerSecond }: Workload): Operation[] {
  const { partitions, entriesPerSecond, entryBytes, compactionsPerSecond, views } = load;
  if (queriesPerSecond === 0) return [];
  const use = 'queries';
  const small = { use, bytes: smallBytes, items: 1 } as const;
  const news = Math.min(tailEntries, entriesPerSecond / partitions / queriesPerSecond);
  const moved = Math.min(queriesPerSecond, compactionsPerSecond / partitions);
  const pages = views.map(({ fullBytes, fullPerSecond }): Operation => {
    const items = Math.max(1, (querySeconds * fullPerSecond) / partitions);
    const perSecond = (moved * partitions) / views.length;
    return { use, kind: 'range', perSecond, bytes: fullBytes, items };
  });
  const each = queriesPerSecond * partitions;
  return [
    { ...small, kind: 'read', perSecond: queriesPerSecond + each },
    { use, kind: 'range', perSecond: each, bytes: entryBytes, items: news },
    ...pages,
  ];
}

/** Calls that are made one after the other while a batch is processed, those of its share of a compaction included. */
export function callsOfBatch(
  { views, entriesPerSecond, batchesPerSecond }: Load,
  profile: Profile,
): number {
  const entries = batchesPerSecond === 0 ? 0 : entriesPerSecond / batchesPerSecond;
  const { batch, compaction: calls } = profile.calls;
  const pages = views.reduce((sum, one) => sum + one.pages, 0);
  const compacting = calls.reads + calls.writes + 2 * pages;
  return batch.reads + entries * (batch.writes + compacting / compactEntries);
}
