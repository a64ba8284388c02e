import { MillraceError } from '../core/errors.ts';
import type { Popularity } from './keys.ts';
import { profileProblems } from './profile-check.ts';

/** A batch of so many events, as measured: means over many batches. */
export interface MeasuredBatch {
  readonly events: number;
  /** Journal entries that it takes. */
  readonly entries: number;
  /** Bytes of all of them, of which those of rows. */
  readonly entryBytes: number;
  readonly rowBytes: number;
  /** The standard deviation of `entryBytes` from batch to batch. */
  readonly entryBytesDeviation: number;
  /** Rows of all views in them. */
  readonly rows: number;
}

/** The CPU time of a batch, compaction included: `perBatchMs` + events x `perEventUs`. */
export interface MeasuredCpu {
  readonly perBatchMs: number;
  readonly perEventUs: number;
}

/** A page as it is while it fills. */
export interface MeasuredPage {
  readonly events: number;
  readonly rows: number;
  readonly bytes: number;
}

/** A view as measured, or one of its rollups. */
export interface MeasuredView {
  readonly name: string;
  /** Whether it is a rollup: its rows are in pages alone, not in entries. */
  readonly rollup: boolean;
  /** Event time that one page holds, and one row; null for all of it. */
  readonly pageSeconds: number | null;
  readonly rowSeconds: number | null;
  /** From an empty one on; the bytes of the others are those beyond it. */
  readonly pages: readonly MeasuredPage[];
  /** Bytes of a row grow with the events in it, to this power. */
  readonly rowGrowth: number;
  /** Keys of the view in so many events; the last is all that was measured. */
  readonly keys: readonly { readonly events: number; readonly keys: number }[];
  /** The law that fits them best. */
  readonly popularity: Popularity;
}

/** The share of the events that come more than so many seconds behind the latest event time before them. */
export interface MeasuredDelay {
  readonly seconds: number;
  readonly share: number;
}

/** Calls of the state store. */
export interface MeasuredCalls {
  readonly reads: number;
  readonly writes: number;
}

/** What one compaction of 64 entries did, at so many events per batch. */
export interface MeasuredCompaction {
  readonly batchEvents: number;
  readonly pages: number;
  /** Bytes of all items written, pages and head, and of all items read. */
  readonly writtenBytes: number;
  readonly readBytes: number;
}

/** What was measured of a pipeline on its events, by `millrace profile`. */
export interface Profile {
  readonly pipeline: string;
  /** What events, and from where. */
  readonly input: string;
  readonly events: number;
  /** Of event time. */
  readonly eventsPerSecond: number;
  readonly measuredOn: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Bytes of an event as JSON. */
  readonly eventBytes: number;
  /** Bytes on the wire by event, in records of so many events as the publisher packs them. */
  readonly records: readonly { readonly events: number; readonly bytesPerEvent: number }[];
  readonly batches: readonly MeasuredBatch[];
  /** Of events that come one to a record, and a hundred. */
  readonly cpu: { readonly plain: MeasuredCpu; readonly packed: MeasuredCpu };
  readonly views: readonly MeasuredView[];
  /** By seconds, up to the first that no event exceeds. */
  readonly delays: readonly MeasuredDelay[];
  readonly compactions: readonly MeasuredCompaction[];
  /** By batch, by compaction beside its pages, by round of maintenance and by partition in it. */
  readonly calls: {
    readonly batch: MeasuredCalls;
    readonly compaction: MeasuredCalls;
    readonly round: MeasuredCalls;
    readonly partition: MeasuredCalls;
    readonly quietRound: MeasuredCalls;
    readonly quietPartition: MeasuredCalls;
  };
  /** Bytes of one row of an answer as JSON. */
  readonly answerRowBytes: number;
  readonly heapPeakMB: number;
  /** From the start of the process to a pipeline that is ready, milliseconds. */
  readonly startMs: number;
}

/**
 * A profile from parsed JSON, checked as far as the model needs it: every field is there and in its range, and the
 * curves rise where they have to.
 *
 * @throws MillraceError `request` with all problems at once, each with its path and what was found.
 */
export function profileOf(json: unknown): Profile {
  const problems = profileProblems(json);
  if (problems.length > 0) {
    const text = `this is no profile of \`millrace profile\`: ${problems.join('; ')}`;
    throw new MillraceError('request', text, { problems });
  }
  return json as Profile;
}
