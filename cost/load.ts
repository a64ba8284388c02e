import { defaultLimits } from '../core/limits.ts';
import { onCurve, onLine, type Point } from './curve.ts';
import { type Arrivals, entryRowsOf, pageSizesOf, type Rewrite, rewritesOf } from './filling.ts';
import { sharesSquared } from './keys.ts';
import type { MeasuredBatch, Profile } from './profile.ts';
import { type Level, levelsOf, type Workload, workloadRanges } from './workload.ts';

/** How a host makes batches of the records of a partition. */
export interface Host {
  /** A batch is closed at so many records, or bytes of them. */
  readonly batchRecordsMax: number;
  readonly batchBytesMax: number;
  /** How long records wait at least, seconds. */
  readonly waitSeconds: number;
  /** Bytes of a position in the stream; an entry holds two of them. */
  readonly positionBytes: number;
}

/** What compactions do to the pages of one view, or of a rollup, in one partition. */
export interface CompactedView {
  /** Pages that one of them writes, in the mean, and all that is written by second. */
  readonly pages: number;
  readonly rewrites: readonly Rewrite[];
  /** Bytes of the page that is being filled, in the mean. */
  readonly fillingBytes: number;
  /** Bytes of a page that is full, and how many of them become full by second in all partitions. */
  readonly fullBytes: number;
  readonly fullPerSecond: number;
}

/** Entries of about one size. */
export interface EntrySize {
  readonly share: number;
  readonly bytes: number;
  /** They are that much smaller and larger, as a share of it. */
  readonly spread: number;
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
  readonly entrySizes: readonly EntrySize[];
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
  const arrivals: Arrivals = {
    eventsPerSecond: level.eventsPerSecond / partitions,
    ...{ delays: profile.delays, keysFactor: keysFactor(workload, profile), partitions },
  };
  const entry = entriesOf(workload, profile, arrivals, batches, host);
  const perPartition = (batches * entry.entries) / defaultLimits.compactEntries;
  const { perBatchMs, perEventUs } = recordEvents === 1 ? profile.cpu.plain : profile.cpu.packed;
  return {
    ...level,
    ...{ recordsPerSecond, recordBytes, batchEvents, partitions },
    batchesPerSecond: batches * partitions,
    entriesPerSecond: batches * partitions * entry.entries,
    ...{ entryBytes: entry.bytes, entryRows: entry.rows, entrySizes: entry.sizes },
    compactionsPerSecond: perPartition * partitions,
    views: compactedViews(profile, arrivals, perPartition, partitions),
    batchCpuMs: perBatchMs + (batchEvents * perEventUs) / 1_000,
  };
}

/** Loads by host, and the profile that they follow from. */
type Known = Map<Host, { readonly profile: Profile; readonly loads: readonly Load[] }>;

const known = new WeakMap<Workload, Known>();

/** All levels of a workload; what was asked for before is not worked out again. */
export function loadsOf(workload: Workload, profile: Profile, host: Host): readonly Load[] {
  const before = known.get(workload) ?? (new Map() as Known);
  known.set(workload, before);
  const found = before.get(host);
  if (found?.profile === profile) return found.loads;
  const loads = levelsOf(workload).map((level) => loadOf(workload, profile, level, host));
  before.set(host, { profile, loads });
  return loads;
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

/** By how many times the workload has as many keys as the profile. */
function keysFactor({ keys }: Workload, { views }: Profile): number {
  const known = views[0]?.popularity.keys ?? 1;
  return (keys ?? known) / known;
}

/** Those of a profile are of a stream in memory. */
const measuredPositionBytes = 2;

/** The entries of batches: how many to a batch, and their size and rows. */
interface Entries {
  readonly entries: number;
  readonly bytes: number;
  readonly rows: number;
  readonly sizes: readonly EntrySize[];
}

/**
 * The entries of the batches of a partition. What a batch has beside its first record spreads: events come by chance,
 * and some partitions have more of the frequent keys than others. A batch holds whole records.
 */
function entriesOf(
  { recordEvents }: Workload,
  profile: Profile,
  arrivals: Arrivals,
  batchesPerSecond: number,
  { positionBytes }: Host,
): Entries {
  if (batchesPerSecond === 0) return { entries: 0, bytes: 0, rows: 0, sizes: [] };
  const events = arrivals.eventsPerSecond / batchesPerSecond;
  const records = events / recordEvents;
  const uneven = unevenness(profile, arrivals);
  const chance = (1 / events + uneven) * Math.max(0, 1 - 1 / records);
  const mixed = recordEvents === 1 ? [{ share: 1, records }] : wholeRecords(records, chance);
  const all = mixed.map((one) => {
    // The events of the batch come in the time of the batch, whatever their number.
    const eventsPerSecond = one.records * recordEvents * batchesPerSecond;
    return { ...one, ...entryOf(profile, { ...arrivals, eventsPerSecond }, 1 / batchesPerSecond) };
  });
  const mean = (of: (one: (typeof all)[number]) => number): number =>
    all.reduce((sum, one) => sum + one.share * of(one), 0);
  const entries = mean((one) => one.entries);
  const positions = 2 * (positionBytes - measuredPositionBytes);
  // Where more events are of frequent keys there are fewer rows in as many events.
  const spreadOf = (rowShare: number): number =>
    recordEvents === 1 ? chance : uneven * rowShare ** 2;
  return {
    entries,
    bytes: positions + mean((one) => one.entries * one.bytes) / entries,
    rows: mean((one) => one.entries * one.rows) / entries,
    sizes: all.map((one) => ({
      share: (one.share * one.entries) / entries,
      bytes: one.bytes + positions,
      spread: Math.min(1, Math.sqrt(3 * (one.deviation ** 2 + spreadOf(one.rowShare)))),
    })),
  };
}

/** How uneven the partitions are, as a variance by the square of the mean: each has the events of the keys it gets. */
function unevenness({ views }: Profile, { keysFactor, partitions }: Arrivals): number {
  const [first] = views;
  if (first === undefined || partitions === 1) return 0;
  const { exponent, keys } = first.popularity;
  return (partitions - 1) * sharesSquared({ exponent, keys: Math.max(1, keys * keysFactor) });
}

/** Batches of so many records in the mean, by whole records: one at least. */
function wholeRecords(mean: number, variance: number): { share: number; records: number }[] {
  const far = Math.sqrt(3 * variance) * mean;
  // Three points stand for the spread as well as it is known.
  const means = [
    { share: 1 / 6, at: mean - far },
    { share: 2 / 3, at: mean },
    { share: 1 / 6, at: mean + far },
  ];
  return means.flatMap(({ share, at }) => {
    const records = Math.max(1, at);
    const whole = Math.floor(records);
    const more = records - whole;
    const all = [
      { share: share * (1 - more), records: whole },
      { share: share * more, records: whole + 1 },
    ];
    return all.filter((one) => one.share > 0);
  });
}

/** The entries of a batch of all that comes in so many seconds. */
function entryOf(
  { batches, views }: Profile,
  arrivals: Arrivals,
  seconds: number,
): Omit<Entries, 'sizes'> & { readonly deviation: number; readonly rowShare: number } {
  const events = arrivals.eventsPerSecond * seconds;
  const of = (read: (batch: MeasuredBatch) => number): Point[] =>
    batches.map((batch): Point => [batch.events, read(batch)]);
  const own = views.filter(({ rollup }) => !rollup);
  const rows = own.reduce((sum, view) => sum + entryRowsOf(view, arrivals, seconds), 0);
  const rowBytes = onLine(
    batches.map((batch): Point => [batch.rows, batch.rowBytes]),
    rows,
  );
  // Those rows were measured with another number of events in them.
  const measured = onCurve(
    batches.map((batch): Point => [batch.rows, batch.events / batch.rows]),
    rows,
    'stays',
  );
  const denser = (events / rows / measured) ** (own[0]?.rowGrowth ?? 0);
  const entries = Math.max(
    1,
    onCurve(
      of((batch) => batch.entries),
      events,
      'rises',
    ),
  );
  const bare = onLine(
    of((batch) => batch.entryBytes - batch.rowBytes),
    events,
  );
  const spreads = of((batch) => batch.entryBytesDeviation / batch.entryBytes);
  const all = bare + rowBytes * denser;
  return {
    ...{ entries, bytes: all / entries, rows: rows / entries },
    rowShare: (rowBytes * denser) / all,
    deviation: onCurve(spreads, events, 'stays'),
  };
}

/** What compactions write of each view. */
function compactedViews(
  { views }: Profile,
  arrivals: Arrivals,
  compactionsPerSecond: number,
  partitions: number,
): CompactedView[] {
  if (compactionsPerSecond === 0) return [];
  return views.map((view) => {
    const { pageSeconds } = view;
    const rewrites = rewritesOf(view, arrivals, 1 / compactionsPerSecond);
    const perSecond = rewrites.reduce((sum, one) => sum + one.perSecond, 0);
    const { filling, full } = pageSizesOf(view, arrivals);
    const filled =
      pageSeconds === null ? 0 : Math.min(1, arrivals.eventsPerSecond * pageSeconds) / pageSeconds;
    return {
      ...{ pages: perSecond / compactionsPerSecond, rewrites },
      ...{ fillingBytes: filling, fullBytes: full, fullPerSecond: partitions * filled },
    };
  });
}
