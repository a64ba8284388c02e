import { defaultLimits } from '../core/limits.ts';
import { type MeasuredBatch, onCurve, type Point, type Profile } from './profile.ts';
import { type Level, type Workload, workloadRanges } from './workload.ts';

/** How a host makes batches of the records of a partition. */
export interface Host {
  /** A batch is closed at so many records, or bytes of them. */
  readonly batchRecordsMax: number;
  readonly batchBytesMax: number;
  /** How long records wait at least, seconds. */
  readonly waitSeconds: number;
}

/** What one compaction writes of one view, in one partition. */
export interface CompactedView {
  readonly pages: number;
  /** Bytes of one of them, in the mean. */
  readonly pageBytes: number;
  /** Bytes of a page that is full, and how many of them become full by second. */
  readonly fullBytes: number;
  readonly fullPerSecond: number;
}

/** What a rate of events makes of records, batches and entries; rates are of all partitions together. */
export interface Load {
  readonly share: number;
  readonly eventsPerSecond: number;
  readonly recordsPerSecond: number;
  readonly recordBytes: number;
  readonly batchesPerSecond: number;
  readonly batchEvents: number;
  readonly entriesPerSecond: number;
  /** Of the body of one entry, and its rows of all views. */
  readonly entryBytes: number;
  readonly entryRows: number;
  readonly compactionsPerSecond: number;
  readonly views: readonly CompactedView[];
  /** CPU of one batch on one core, compaction included, milliseconds. */
  readonly batchCpuMs: number;
  readonly partitions: number;
}

/** Bytes of one record on the wire, as the publisher packs it. */
export function recordBytesOf({ eventBytes, recordEvents }: Workload, profile: Profile): number {
  if (recordEvents === 1) return eventBytes;
  const points = profile.records.map(({ events, bytesPerEvent }): Point => [events, bytesPerEvent]);
  const perEvent = onCurve(points, recordEvents, 'stays');
  return recordEvents * perEvent * (eventBytes / profile.eventBytes);
}

/** What a level of a workload makes of a pipeline on a host. */
export function loadOf(workload: Workload, profile: Profile, level: Level, host: Host): Load {
  const { partitions, recordEvents } = workload;
  const recordBytes = recordBytesOf(workload, profile);
  const recordsPerSecond = level.eventsPerSecond / recordEvents;
  const batches = batchesOf(workload, recordsPerSecond / partitions, recordBytes, host);
  const batchEvents = batches === 0 ? 0 : level.eventsPerSecond / partitions / batches;
  const entry = entryOf(workload, profile, batchEvents, batches === 0 ? 0 : 1 / batches);
  const entriesPerSecond = batches * partitions * entry.entries;
  const perPartition = entriesPerSecond / partitions / defaultLimits.compactEntries;
  const { perBatchMs, perEventUs } = recordEvents === 1 ? profile.cpu.plain : profile.cpu.packed;
  return {
    ...level,
    ...{ recordsPerSecond, recordBytes, batchEvents, entriesPerSecond, partitions },
    batchesPerSecond: batches * partitions,
    ...{ entryBytes: entry.bytes, entryRows: entry.rows },
    compactionsPerSecond: perPartition * partitions,
    views: compactedViews(workload, profile, level.eventsPerSecond / partitions, perPartition),
    batchCpuMs: perBatchMs + (batchEvents * perEventUs) / 1_000,
  };
}

/** All levels of a workload. */
export function loadsOf(
  workload: Workload,
  profile: Profile,
  levels: readonly Level[],
  host: Host,
): Load[] {
  return levels.map((level) => loadOf(workload, profile, level, host));
}

/**
 * Batches of one partition by second: one as soon as the wait is over, as many as there are records where those are
 * fewer, and more where a batch is full before. Records are taken to come evenly: in fits and starts there are
 * fewer batches than this.
 */
function batchesOf(
  { batchWindowSeconds }: Workload,
  recordsPerSecond: number,
  recordBytes: number,
  { batchRecordsMax, batchBytesMax, waitSeconds }: Host,
): number {
  const wait = Math.max(waitSeconds, Math.min(batchWindowSeconds, windowSecondsMax));
  const full = Math.max(1 / batchRecordsMax, recordBytes / batchBytesMax);
  return Math.max(Math.min(recordsPerSecond, 1 / wait), recordsPerSecond * Math.min(1, full));
}

const windowSecondsMax = workloadRanges.batchWindowSeconds.most;

/** By how many times a partition of the workload has as many keys as the profile. */
function keysFactor({ keys, partitions }: Workload, { views }: Profile): number {
  const known = views[0]?.keys.at(-1)?.keys ?? 1;
  return (keys ?? known) / partitions / known;
}

/**
 * The entries of a batch. Rows depend on how often keys repeat: of k times as many keys, k times as many events
 * bring k times as many rows, so the measured curve of keys is stretched by k in both directions. A batch that holds
 * the event time of several pages has the rows of each.
 */
function entryOf(
  workload: Workload,
  profile: Profile,
  events: number,
  seconds: number,
): { readonly entries: number; readonly bytes: number; readonly rows: number } {
  if (events <= 0) return { entries: 0, bytes: 0, rows: 0 };
  const { batches, views } = profile;
  const factor = keysFactor(workload, profile);
  const of = (read: (batch: MeasuredBatch) => number): Point[] =>
    batches.map((batch) => [batch.events, read(batch)]);
  const rows = views.reduce((sum, { keys, pageSeconds }) => {
    const pages = pageSeconds === null ? 1 : Math.max(1, seconds / pageSeconds);
    const points = keys.map((at): Point => [at.events, at.keys]);
    return sum + pages * factor * onCurve(points, events / pages / factor, 'stays');
  }, 0);
  const bytesOfRows = batches.map((batch): Point => [batch.rows, batch.rowBytes]);
  const rowBytes = onCurve(bytesOfRows, rows, 'rises');
  const entries = Math.max(
    1,
    onCurve(
      of((batch) => batch.entries),
      events,
      'rises',
    ),
  );
  const bare = onCurve(
    of((batch) => batch.entryBytes - batch.rowBytes),
    events,
    'rises',
  );
  return { entries, bytes: (bare + rowBytes) / entries, rows: rows / entries };
}

/**
 * What a compaction writes of each view. The event time between two compactions holds so many pages; each of them is
 * written when it is full, and the one that is not yet full as it stands, which is half of it in the mean.
 */
function compactedViews(
  workload: Workload,
  profile: Profile,
  eventsPerSecond: number,
  compactionsPerSecond: number,
): CompactedView[] {
  if (eventsPerSecond === 0 || compactionsPerSecond === 0) return [];
  const factor = keysFactor(workload, profile);
  return profile.views.map(({ keys, pageSeconds, pageRowBytes }) => {
    const points = keys.map((at): Point => [at.events, at.keys]);
    const bytesOf = (events: number): number =>
      pageRowBytes * factor * onCurve(points, events / factor, 'stays');
    if (pageSeconds === null) {
      const bytes = bytesOf(Number.MAX_VALUE);
      return { pages: 1, pageBytes: bytes, fullBytes: bytes, fullPerSecond: 0 };
    }
    const passed = 1 / compactionsPerSecond / pageSeconds;
    const fullBytes = bytesOf(eventsPerSecond * pageSeconds);
    const pages = Math.min(passed + 1, eventsPerSecond / compactionsPerSecond);
    const bytes = passed * fullBytes + bytesOf((eventsPerSecond * pageSeconds) / 2);
    const filled = Math.min(1, eventsPerSecond * pageSeconds);
    const fullPerSecond = (workload.partitions * filled) / pageSeconds;
    return { pages, pageBytes: bytes / pages, fullBytes, fullPerSecond };
  });
}
