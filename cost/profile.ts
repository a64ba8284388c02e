import { MillraceError } from '../core/errors.ts';

/** A batch of so many events, as measured: means over many batches. */
export interface MeasuredBatch {
  readonly events: number;
  /** Journal entries that it takes. */
  readonly entries: number;
  /** Bytes of all of them, of which those of rows. */
  readonly entryBytes: number;
  readonly rowBytes: number;
  /** Rows of all views in them. */
  readonly rows: number;
}

/** The CPU time of a batch, compaction included: `perBatchMs` + events x `perEventUs`. */
export interface MeasuredCpu {
  readonly perBatchMs: number;
  readonly perEventUs: number;
}

/** A view as measured. */
export interface MeasuredView {
  readonly name: string;
  /** Event time that one page holds; null for all of it. */
  readonly pageSeconds: number | null;
  /** Bytes of a page by row. */
  readonly pageRowBytes: number;
  /** Keys of the view in so many events; the last is all that was measured. */
  readonly keys: readonly { readonly events: number; readonly keys: number }[];
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

const numbers = [
  ...['events', 'eventsPerSecond', 'eventBytes', 'answerRowBytes', 'heapPeakMB', 'startMs'],
] as const;
const lists = ['records', 'batches', 'views', 'compactions'] as const;

/**
 * A profile from parsed JSON, checked.
 *
 * @throws MillraceError `request` with all problems at once.
 */
export function profileOf(json: unknown): Profile {
  const profile = (json ?? {}) as Readonly<Record<string, unknown>>;
  const problems: string[] = [];
  for (const name of numbers) {
    const value = profile[name];
    if (typeof value !== 'number' || !(value >= 0)) problems.push(`${name} must be a number`);
  }
  for (const name of lists) {
    const value = profile[name];
    const isFull = Array.isArray(value) && value.length > 0;
    if (!isFull) problems.push(`${name} must be an array that is not empty`);
    else problems.push(...notNumbers(name, value));
  }
  for (const name of ['cpu', 'calls'] as const) {
    if (typeof profile[name] !== 'object' || profile[name] === null) {
      problems.push(`${name} must be an object`);
    } else problems.push(...notNumbers(name, Object.values(profile[name])));
  }
  if (problems.length > 0) {
    const text = `this is no profile of \`millrace profile\`: ${problems.join('; ')}`;
    throw new MillraceError('request', text, { problems });
  }
  return json as Profile;
}

/** Whatever is a value in these objects, names and missing page sizes aside, is a number of at least 0. */
function notNumbers(list: string, values: readonly unknown[]): string[] {
  return values.flatMap((value, index) => {
    if (typeof value !== 'object' || value === null) return [`${list}[${index}] is no object`];
    return Object.entries(value)
      .filter(([, one]) => typeof one === 'number' && !(one >= 0))
      .map(([name]) => `${list}[${index}].${name} must be at least 0`);
  });
}

/** A point of a measured curve. */
export type Point = readonly [x: number, y: number];

/**
 * The value of a measured curve: between two points on the straight line of their logarithms, before the first in
 * proportion to it, behind the last one as flat as `tail` says: in proportion, or as it is.
 */
export function onCurve(points: readonly Point[], x: number, tail: 'rises' | 'stays'): number {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || x <= 0) return 0;
  if (x <= first[0]) return (first[1] * x) / first[0];
  if (x >= last[0]) return tail === 'rises' ? (last[1] * x) / last[0] : last[1];
  const next = points.findIndex(([at]) => at >= x);
  const [x0, y0] = points[next - 1] as Point;
  const [x1, y1] = points[next] as Point;
  if (y0 <= 0 || y1 <= 0) return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
  const at = Math.log(x / x0) / Math.log(x1 / x0);
  return y0 * (y1 / y0) ** at;
}
