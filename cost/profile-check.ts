import type {
  MeasuredBatch,
  MeasuredCalls,
  MeasuredCompaction,
  MeasuredCpu,
  MeasuredDelay,
  MeasuredPage,
  MeasuredView,
  Profile,
} from './profile.ts';

/** What is wrong with a value: texts that begin with its path. */
type Check = (value: unknown, path: string) => string[];

/** The checks of all fields of an object. */
type Checks<T> = { readonly [Field in keyof T]-?: Check };

/** How a field goes on from one item of a list to the next. */
type Course = 'rises' | 'never falls' | 'never rises';

/** Beyond it a sum of products may not be a number any more. */
const numberMax = 1e12;

/** Shares of means have some digits; whatever is smaller is nothing, and nothing divides by it. */
const positive = 1e-6;

/** What is wrong with a profile, all of it, each with its path: `views[0].popularity.keys must be …`. */
export function profileProblems(json: unknown): string[] {
  return isObject(json) ? profile(json, '') : [`a profile must be an object, not ${shown(json)}`];
}

function number(least = 0, most = numberMax): Check {
  return (value, path) => {
    const isIn =
      typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most;
    return isIn ? [] : [`${path} must be a number from ${least} to ${most}, not ${shown(value)}`];
  };
}

function orNull(check: Check): Check {
  return (value, path) => (value === null ? [] : check(value, path));
}

const text: Check = (value, path) =>
  typeof value === 'string' && value !== '' ? [] : [`${path} must be a text, not ${shown(value)}`];

const truth: Check = (value, path) =>
  typeof value === 'boolean' ? [] : [`${path} must be true or false, not ${shown(value)}`];

/** An object with these fields, and rules about several of them that hold where each of them is right. */
function object<T>(checks: Checks<T>, rules: (value: T, path: string) => string[] = none): Check {
  return (value, path) => {
    if (!isObject(value)) return [`${path} must be an object, not ${shown(value)}`];
    const before = path === '' ? '' : `${path}.`;
    const problems = Object.entries<Check>(checks).flatMap(([field, check]) =>
      check(Object.hasOwn(value, field) ? value[field] : undefined, before + field),
    );
    return problems.length > 0 ? problems : rules(value as T, path);
  };
}

/** A list of so many items at least, with the courses of some of their fields. */
function list<T>(
  item: Check,
  least: number,
  courses: { readonly [Field in keyof T]?: Course } = {},
  rules: (items: readonly T[], path: string) => string[] = none,
): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return [`${path} must be an array, not ${shown(value)}`];
    if (value.length < least) {
      return [`${path} must have at least ${least} items, not ${value.length}`];
    }
    // A hole is no item either.
    const problems = Array.from(value).flatMap((one, i) => item(one, `${path}[${i}]`));
    if (problems.length > 0) return problems;
    return [
      ...Object.entries(courses).flatMap(([field, course]) =>
        offCourse(value, path, field, course as Course),
      ),
      ...rules(value, path),
    ];
  };
}

const words: Readonly<Record<Course, string>> = {
  rises: 'more than',
  'never falls': 'at least',
  'never rises': 'at most',
};

function offCourse(
  items: readonly Readonly<Record<string, number>>[],
  path: string,
  field: string,
  course: Course,
): string[] {
  return items.flatMap((item, i) => {
    const [before, now] = [items[i - 1]?.[field], item[field]];
    if (before === undefined || now === undefined) return [];
    const holds = {
      rises: now > before,
      'never falls': now >= before,
      'never rises': now <= before,
    };
    if (holds[course]) return [];
    return [`${path}[${i}].${field} must be ${words[course]} the ${before} before it, not ${now}`];
  });
}

const none = (): string[] => [];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}

const calls = object<MeasuredCalls>({ reads: number(), writes: number() });
const cpu = object<MeasuredCpu>({ perBatchMs: number(), perEventUs: number() });

const batch = object<MeasuredBatch>(
  {
    events: number(1),
    entries: number(positive),
    entryBytes: number(1),
    rowBytes: number(),
    rows: number(positive),
    entryBytesDeviation: number(),
  },
  ({ rowBytes, entryBytes }, path) =>
    rowBytes <= entryBytes
      ? []
      : [`${path}.rowBytes must be at most its entryBytes of ${entryBytes}, not ${rowBytes}`],
);

const view = object<MeasuredView>(
  {
    name: text,
    rollup: truth,
    pageSeconds: orNull(number(1e-3)),
    rowSeconds: orNull(number(1e-3)),
    pages: list<MeasuredPage>(
      object<MeasuredPage>({ events: number(), rows: number(), bytes: number() }),
      2,
      { events: 'rises', rows: 'never falls' },
      emptyFirst,
    ),
    rowGrowth: number(0, 1),
    keys: list<MeasuredView['keys'][number]>(
      object<MeasuredView['keys'][number]>({ events: number(1), keys: number(positive) }),
      1,
      { events: 'rises', keys: 'never falls' },
    ),
    popularity: object<MeasuredView['popularity']>({ exponent: number(0, 10), keys: number(1) }),
  },
  ({ pageSeconds, rowSeconds }, path) =>
    (pageSeconds === null) === (rowSeconds === null) && (rowSeconds ?? 0) <= (pageSeconds ?? 0)
      ? []
      : [`${path}.rowSeconds must be at most its pageSeconds of ${pageSeconds}, not ${rowSeconds}`],
);

/** The first page is empty, and the second has a row: what a row adds is known from there. */
function emptyFirst([first, second]: readonly MeasuredPage[], path: string): string[] {
  return [
    ...(first?.rows === 0 ? [] : [`${path}[0].rows must be 0, not ${first?.rows}`]),
    ...((second?.rows ?? 0) >= 1
      ? []
      : [`${path}[1].rows must be at least 1, not ${second?.rows}`]),
  ];
}

/** They begin at no delay, and some event comes. */
function someCome(delays: readonly MeasuredDelay[], path: string): string[] {
  const [first, last] = [delays[0]?.seconds, delays.at(-1)?.share];
  return [
    ...(first === 0 ? [] : [`${path}[0].seconds must be 0, not ${first}`]),
    ...((last ?? 1) < 1 ? [] : [`${path}[${delays.length - 1}].share must be less than 1`]),
  ];
}

function someStored(views: readonly MeasuredView[], path: string): string[] {
  const isStored = views.some(({ rollup }) => !rollup);
  return isStored ? [] : [`${path} must have one that is no rollup`];
}

const profile = object<Profile>({
  ...{ pipeline: text, input: text, measuredOn: text, machine: text },
  versions: (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, version]) => text(version, `${path}.${name}`))
      : [`${path} must be an object, not ${shown(value)}`],
  ...{ events: number(1), eventsPerSecond: number(), eventBytes: number(1) },
  records: list<Profile['records'][number]>(
    object<Profile['records'][number]>({ events: number(1), bytesPerEvent: number(positive) }),
    1,
    { events: 'rises' },
  ),
  batches: list<MeasuredBatch>(batch, 2, { events: 'rises', rows: 'never falls' }),
  cpu: object<Profile['cpu']>({ plain: cpu, packed: cpu }),
  views: list<MeasuredView>(view, 1, {}, someStored),
  delays: list<MeasuredDelay>(
    object<MeasuredDelay>({ seconds: number(), share: number(0, 1) }),
    1,
    { seconds: 'rises', share: 'never rises' },
    someCome,
  ),
  compactions: list<MeasuredCompaction>(
    object<MeasuredCompaction>({
      ...{ batchEvents: number(1), pages: number() },
      ...{ writtenBytes: number(), readBytes: number() },
    }),
    1,
    { batchEvents: 'rises' },
  ),
  calls: object<Profile['calls']>({
    ...{ batch: calls, compaction: calls, round: calls, partition: calls },
    ...{ quietRound: calls, quietPartition: calls },
  }),
  ...{ answerRowBytes: number(), heapPeakMB: number(), startMs: number() },
});
