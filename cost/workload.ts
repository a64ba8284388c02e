import { MillraceError } from '../core/errors.ts';

/** How events come in over the day. */
export const shapes = ['flat', 'daily', 'bursty'] as const;

/** `flat`: always the same. `daily`: a wave of one day. `bursty`: a twentieth of the time at the peak. */
export type Shape = (typeof shapes)[number];

/** What a system has to carry, whoever runs it. */
export interface Workload {
  /** The mean over a month; 0 for a system to which nothing comes. */
  readonly eventsPerSecond: number;
  readonly shape: Shape;
  /** The highest rate over the mean: 1 for `flat`, up to 2 for `daily`, up to 20 for `bursty`. */
  readonly peakFactor: number;
  /** Bytes of an event as JSON. */
  readonly eventBytes: number;
  /** Events that the producer packs into one record. */
  readonly recordEvents: number;
  /** Keys that events come with; null for as many as in the profile. */
  readonly keys: number | null;
  /** Partitions of the stream: shards of Kinesis. */
  readonly partitions: number;
  /** How long records wait for others to share their batch, seconds; a host waits about one in any case. */
  readonly batchWindowSeconds: number;
  /** How long the stream keeps records; null for the default of the cloud's template. */
  readonly retentionHours: number | null;
  /** How long rows of views are kept. */
  readonly rowDays: number;
  readonly queriesPerSecond: number;
  /** Rows of one answer, and the event time that it is asked for. */
  readonly queryRows: number;
  readonly querySeconds: number;
  /** Whether all records are kept in object storage as well, for a month. */
  readonly archive: boolean;
}

/** What holds where nothing is said: that of the tables in the docs. */
export const defaultWorkload: Workload = {
  eventsPerSecond: 1_000,
  shape: 'flat',
  peakFactor: 1,
  eventBytes: 198,
  recordEvents: 100,
  keys: null,
  partitions: 4,
  batchWindowSeconds: 1,
  retentionHours: null,
  rowDays: 30,
  queriesPerSecond: 0,
  queryRows: 20,
  querySeconds: 3_600,
  archive: false,
};

/** What a field of a workload may be. */
interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
  readonly nullable?: true;
}

/** The bounds of all fields that are numbers. */
export const workloadRanges: Readonly<Record<Exclude<keyof Workload, 'shape' | 'archive'>, Range>> =
  {
    eventsPerSecond: { least: 0, most: 10_000_000 },
    peakFactor: { least: 1, most: 20 },
    eventBytes: { least: 2, most: 1_000_000 },
    recordEvents: { least: 1, most: 10_000, whole: true },
    keys: { least: 1, most: 1_000_000_000, whole: true, nullable: true },
    partitions: { least: 1, most: 10_000, whole: true },
    batchWindowSeconds: { least: 0, most: 60 },
    retentionHours: { least: 1, most: 168, nullable: true },
    rowDays: { least: 1, most: 36_500 },
    queriesPerSecond: { least: 0, most: 1_000_000 },
    queryRows: { least: 1, most: 10_000, whole: true },
    querySeconds: { least: 1, most: 31_536_000 },
  };

/** The highest that a peak factor may be, by shape. */
export const peakFactorMost: Readonly<Record<Shape, number>> = { flat: 1, daily: 2, bursty: 20 };
const recordBytesMax = 1_048_576;

/**
 * A workload from parsed JSON, with the defaults filled in.
 *
 * @throws MillraceError `request` with all problems at once.
 */
export function workloadOf(json: unknown): Workload {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MillraceError('request', 'a workload is an object, such as {"eventsPerSecond":100}');
  }
  const given = json as Readonly<Record<string, unknown>>;
  const workload = withPeak({ ...defaultWorkload, ...given } as Workload, given);
  const problems = Object.keys(given)
    .filter((name) => !Object.hasOwn(defaultWorkload, name))
    .map((name) => `there is no ${name}; there are ${Object.keys(defaultWorkload).join(', ')}`);
  for (const [name, range] of Object.entries(workloadRanges)) {
    const value = workload[name as keyof Workload];
    if (!isIn(value, range)) problems.push(`${name} must be ${told(range)}, not ${shown(value)}`);
  }
  problems.push(...otherProblems(workload));
  if (problems.length > 0) {
    throw new MillraceError('request', `the workload is wrong: ${problems.join('; ')}`, {
      problems,
    });
  }
  return workload;
}

/** The peak that a shape has where none is given. */
function withPeak(workload: Workload, given: Readonly<Record<string, unknown>>): Workload {
  if (Object.hasOwn(given, 'peakFactor')) return workload;
  const usual: Readonly<Record<string, number>> = { flat: 1, daily: 2, bursty: 10 };
  return { ...workload, peakFactor: usual[workload.shape] ?? 1 };
}

function otherProblems({ shape, peakFactor, archive, ...rest }: Workload): string[] {
  const problems: string[] = [];
  if (!shapes.includes(shape)) {
    problems.push(`shape must be one of ${shapes.join(', ')}, not ${shown(shape)}`);
  } else if (peakFactor > peakFactorMost[shape]) {
    problems.push(
      `peakFactor of a ${shape} workload is at most ${peakFactorMost[shape]}: ${peakFactor}`,
    );
  }
  if (typeof archive !== 'boolean') problems.push('archive must be true or false');
  if (rest.eventBytes * rest.recordEvents > 8 * recordBytesMax) {
    problems.push('a record has at most 8 MB before compression: fewer recordEvents');
  }
  return problems;
}

function isIn(value: unknown, { least, most, whole, nullable }: Range): boolean {
  if (value === null) return nullable === true;
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return value >= least && value <= most && (!whole || Number.isInteger(value));
}

function told({ least, most, whole }: Range): string {
  const number = (value: number): string => value.toLocaleString('en-US');
  return `a ${whole ? 'whole ' : ''}number from ${number(least)} to ${number(most)}`;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}

/** A rate that holds for a share of the time. */
export interface Level {
  readonly share: number;
  readonly eventsPerSecond: number;
}

const burstShare = 0.05;
const hours = 24;

/** One event in eleven days: what is rarer is nothing. */
const rateMin = 1e-6;

/** The rates of a workload over the time; their mean is the mean of the workload, the highest its peak. */
export function levelsOf(workload: Workload): Level[] {
  return ratesOf(workload).map(({ share, eventsPerSecond }) => ({
    share,
    eventsPerSecond: eventsPerSecond < rateMin ? 0 : eventsPerSecond,
  }));
}

function ratesOf({ eventsPerSecond: mean, shape, peakFactor }: Workload): Level[] {
  if (shape === 'flat' || peakFactor === 1) return [{ share: 1, eventsPerSecond: mean }];
  if (shape === 'bursty') {
    const low = (1 - peakFactor * burstShare) / (1 - burstShare);
    return [
      { share: burstShare, eventsPerSecond: mean * peakFactor },
      { share: 1 - burstShare, eventsPerSecond: mean * low },
    ];
  }
  // The wave falls as it rises, so each hour but the first and the middle one comes twice.
  return Array.from({ length: hours / 2 + 1 }, (_, hour) => ({
    share: (hour % (hours / 2) === 0 ? 1 : 2) / hours,
    eventsPerSecond: mean * (1 + (peakFactor - 1) * Math.cos((2 * Math.PI * hour) / hours)),
  }));
}

/** The highest rate of a workload, events/s. */
export function peakOf({ eventsPerSecond, peakFactor }: Workload): number {
  return eventsPerSecond * peakFactor;
}
