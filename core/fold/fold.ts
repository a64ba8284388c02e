import type { Compression } from '../compression.ts';
import { Fingerprints } from '../dedupe/fingerprints.ts';
import { Seen } from '../dedupe/seen.ts';
import { MillraceError } from '../errors.ts';
import { type Cursor, compareCursors, type JsonObject, type StreamRecord } from '../event.ts';
import { assertConserved, type Counts } from '../journal/counts.ts';
import type { Entry } from '../journal/entry.ts';
import type { PartitionState } from '../journal/state.ts';
import { noUsage } from '../journal/usage.ts';
import type { Limits } from '../limits.ts';
import type { Plan } from '../plan.ts';
import { rawOf, type Unpacked } from '../record/unpack.ts';
import { unpackerOf } from '../record/unpack-batch.ts';
import type { TablesInForce } from '../references/references.ts';
import { versionBytesMax } from '../references/versions.ts';
import { Rows } from '../view/rows.ts';
import { type Court, type Judgement, judge, newJudgement, type Verdict } from './judge.ts';
import { type DeadLetter, deadLetter, type LateEvent, lateEvent } from './kept.ts';
import { KeyCounter } from './key-counter.ts';
import { KeyLimit } from './key-limit.ts';

/** What a fold needs beside state and records. */
export interface FoldContext {
  readonly plan: Plan;
  readonly limits: Limits;
  readonly compression: Compression;
  /** The most bytes of one entry: the smaller of `entryBytesMax` and the state store's limit. */
  readonly entryBytesMax: number;
  /** Records before the first one that the stream no longer has. */
  readonly lost: number;
  /** The tables of the pipeline's references. */
  readonly references: TablesInForce;
}

/** What a fold gives. */
export interface Folded {
  /** The next entry, its `dead` and `late` not yet set; null when nothing is beyond the state. */
  readonly entry: Entry | null;
  readonly dead: readonly DeadLetter[];
  readonly late: readonly LateEvent[];
  /** Whether the entry was full before the last record was. */
  readonly more: boolean;
}

type MutableCounts = {
  -readonly [K in keyof Omit<Counts, 'views'>]: Counts[K];
} & { views: { offered: number; counted: number; late: number; overflowed?: number }[] };

/** Room for head, counts and names; zstd may add a little to bytes that don't compress. */
const entryOverheadBytes = 2_048;

/** Room for the ids and rows of a usual batch, so that tables seldom grow. */
const recordsExpected = 1_024;

/** An entry under construction. */
interface Draft {
  readonly context: FoldContext;
  readonly state: PartitionState;
  readonly court: Court;
  readonly judgement: Judgement;
  readonly counts: MutableCounts;
  readonly fingerprints: Fingerprints;
  /** New ids, apart from the state's: left behind by a failed put they would make the retry lose its own events. */
  readonly overlay: Seen;
  readonly views: readonly Rows[];
  /** By view; null where any number of keys is welcome. */
  readonly keyLimits: readonly (KeyLimit | null)[];
  readonly partitionKeys: KeyCounter;
  readonly dead: DeadLetter[];
  readonly late: LateEvent[];
  /** Arrival of the last record, epoch milliseconds. */
  arrival: number;
  entryBytes: number;
  objectBytes: number;
  rows: number;
}

/**
 * Folds the records beyond the state's cursor into the next entry, event by event (architecture, section 3). Pure:
 * the state is left as it was; `advance` makes the next one of it once the entry is committed.
 *
 * @throws MillraceError `bug` when records are out of order or an event would be unaccounted for.
 */
export function fold(
  state: PartitionState,
  records: readonly StreamRecord[],
  context: FoldContext,
): Folded {
  let draft: Draft | null = null;
  const begin = state.next.position;
  let last: StreamRecord | null = null;
  let before: bigint | null = null;
  let stopped: number | null = null;
  const unpacker = unpackerOf(records, context.compression, context.limits);
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index] as StreamRecord;
    if (before !== null && record.position <= before) {
      throw new MillraceError('bug', `positions ${before} and ${record.position} out of order`);
    }
    if (!(Number.isSafeInteger(record.arrival) && record.arrival >= 0)) {
      throw new MillraceError('bug', `record ${record.position} arrived at ${record.arrival}`);
    }
    before = record.position;
    if (last === null && record.position < begin) continue;
    const from = last === null && record.position === begin ? state.next.line : 0;
    last = record;
    draft ??= newDraft(state, context, eventsExpected(records, index));
    stopped = foldRecord(draft, record, unpacker(index), from);
    if (stopped !== from) draft.arrival = Math.max(draft.arrival, record.arrival);
    if (stopped !== null) break;
  }
  const more = stopped !== null;
  if (last === null || draft === null) return { entry: null, dead: [], late: [], more };
  const next =
    stopped === null
      ? { position: last.position + 1n, line: 0 }
      : { position: last.position, line: stopped };
  if (compareCursors(next, state.next) === 0) return { entry: null, dead: [], late: [], more };
  return { entry: entryOf(draft, next), dead: draft.dead, late: draft.late, more };
}

/** About how many events there are from a record on, for the room they take: a packed one has some 64 bytes. */
function eventsExpected(records: readonly StreamRecord[], from: number): number {
  let bytes = 0;
  for (let i = from; i < records.length; i += 1) bytes += (records[i] as StreamRecord).body.length;
  return Math.min(recordsExpected, Math.ceil(bytes / 64));
}

function newDraft(state: PartitionState, context: FoldContext, events: number): Draft {
  const { plan, limits, lost, references } = context;
  const overlay = new Seen(plan.horizon, plan.bucketSize);
  overlay.reserve(events, state.watermark);
  const court: Court = {
    plan,
    tables: references.tables,
    limits,
    watermark: state.watermark,
    isDuplicate: (low, high) =>
      plan.horizon > 0 &&
      (overlay.has(low, high, court.watermark) || state.seen.has(low, high, court.watermark)),
  };
  return {
    context,
    state,
    court,
    judgement: newJudgement(),
    counts: {
      ...{ received: 0, accepted: 0, duplicates: 0, filtered: 0, deadLettered: 0, lost },
      views: plan.views.map(() => ({ offered: 0, counted: 0, late: 0 })),
    },
    fingerprints: new Fingerprints(),
    overlay,
    views: plan.views.map((view) => new Rows(view).reserve(Math.ceil(events / 2))),
    partitionKeys: new KeyCounter(plan),
    keyLimits: plan.views.map((view) =>
      view.keysMax === null ? null : new KeyLimit(view, view.keysMax),
    ),
    dead: [],
    late: [],
    arrival: state.arrival,
    entryBytes: entryOverheadBytes + versionBytesMax * plan.references.length,
    objectBytes: 0,
    rows: 0,
  };
}

/** Folds a record from a line on: null when it is done, else the line the entry had no room for. */
function foldRecord(
  draft: Draft,
  record: StreamRecord,
  unpacked: Unpacked,
  from: number,
): number | null {
  for (let line = from; line < unpacked.values.length; line += 1) {
    if (!foldEvent(draft, record, unpacked, line)) return line;
  }
  return null;
}

/** Folds one event; false, and nothing changed, when the entry has no room for it. */
function foldEvent(draft: Draft, record: StreamRecord, unpacked: Unpacked, line: number): boolean {
  const { court, judgement, counts, context } = draft;
  const value = unpacked.values[line] ?? null;
  let verdict: Verdict = 'dead';
  if (value !== null) verdict = judge(value, record.arrival, court, judgement);
  else {
    judgement.reason = 'undecodable';
    judgement.errors = [unpacked.errors?.get(line) ?? 'not an event'];
    judgement.time = Number.NaN;
    judgement.offered = 0;
    judgement.bytes = 0;
    judgement.keptBytes = 0;
  }
  const bytes = verdict === 'accepted' ? judgement.bytes + 8 : 0;
  const { limits, entryBytesMax } = context;
  if (
    draft.entryBytes + bytes > entryBytesMax ||
    draft.rows + judgement.offered > limits.entryRowsMax ||
    draft.objectBytes + judgement.keptBytes > limits.objectBytesMax
  ) {
    if (counts.received > 0) return false;
    verdict = 'dead';
    judgement.reason = 'too-large';
    judgement.errors = [`its rows alone are over ${entryBytesMax} bytes, or too many`];
  }
  if (verdict === 'dead') {
    const letter = deadLetter(record, line, judgement, rawOf(unpacked, line));
    if (counts.received > 0 && draft.objectBytes + letter.bytes > limits.objectBytesMax)
      return false;
    draft.objectBytes += letter.bytes;
    draft.dead.push(letter);
    counts.deadLettered += 1;
  } else if (verdict === 'duplicate') counts.duplicates += 1;
  else if (verdict === 'filtered') counts.filtered += 1;
  else {
    accept(draft, record, line);
    draft.partitionKeys.add(value as JsonObject, judgement.lanes[0] as number);
    draft.entryBytes += bytes;
  }
  counts.received += 1;
  const { time } = judgement;
  if (!Number.isNaN(time)) {
    const claimed = Math.min(time, record.arrival) - context.plan.outOfOrder;
    if (claimed > court.watermark) court.watermark = claimed;
  }
  return true;
}

/** Adds an accepted event to the rows of its views, or to the late events. */
function accept(draft: Draft, record: StreamRecord, line: number): void {
  const { judgement, counts, court, fingerprints, overlay } = draft;
  counts.accepted += 1;
  if (draft.context.plan.horizon > 0) {
    const low = judgement.lanes[0] as number;
    const high = judgement.lanes[1] as number;
    const bucket = overlay.bucketOf(judgement.time);
    if (overlay.isLive(bucket, court.watermark)) {
      overlay.add(low, high, bucket, court.watermark);
      fingerprints.add(low, high, bucket);
    }
  }
  for (let i = 0; i < judgement.offered; i += 1) {
    const offer = judgement.offers[i] as Judgement['offers'][number];
    const view = counts.views[offer.view] as MutableCounts['views'][number];
    view.offered += 1;
    if (offer.lateBy >= 0) {
      view.late += 1;
      const kept = lateEvent(record, line, offer, court.plan, judgement.time);
      draft.objectBytes += kept.bytes;
      draft.late.push(kept);
      continue;
    }
    view.counted += 1;
    const rows = draft.views[offer.view] as Rows;
    const size = rows.size;
    const key = draft.keyLimits[offer.view]?.admit(offer.key) ?? offer.key;
    if (key !== offer.key) view.overflowed = (view.overflowed ?? 0) + 1;
    const row = rows.row(offer.start, key);
    draft.rows += rows.size - size;
    if (rows.spans !== null) rows.spans.add(row, judgement.time - offer.start);
    const { columns } = rows;
    for (let m = 0; m < columns.length; m += 1) {
      const value = offer.values[m];
      if (value !== undefined) (columns[m] as Rows['columns'][number]).add(row, value, judgement);
    }
  }
}

function entryOf(draft: Draft, next: Cursor): Entry {
  assertConserved(draft.counts, `${draft.context.plan.name}, entry ${draft.state.index + 1}`);
  return {
    kind: 'run',
    index: draft.state.index + 1,
    from: draft.state.next,
    next,
    watermark: draft.court.watermark,
    arrival: draft.arrival,
    counts: draft.counts,
    partitionKeys: draft.partitionKeys.done(),
    references: draft.context.references.versions,
    fingerprints: draft.fingerprints,
    views: draft.views,
    dead: null,
    late: null,
    inherited: [],
    used: noUsage,
  };
}
