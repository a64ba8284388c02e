import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neverFalling } from '../../cli/profile/batches.ts';
import { capacityOf } from '../../cost/capacity.ts';
import { memorySizes } from '../../cost/memory.ts';
import { type Profile, profileOf } from '../../cost/profile.ts';
import { templateBill } from '../../cost/total.ts';
import { workloadOf } from '../../cost/workload.ts';
import { book, flightsProfile, profile } from './shipped.ts';

type Json = Record<string, unknown>;
type Step = string | number;

/** A copy of the shipped profile with another value at a path; undefined leaves the field out. */
function changed(path: readonly Step[], value: unknown): unknown {
  const copy = structuredClone(profile) as unknown as Json;
  const last = path.at(-1)!;
  const at = path.slice(0, -1).reduce((one, step) => one[step] as Json, copy);
  at[last] = value;
  return JSON.parse(JSON.stringify(copy, (_, one) => (Number.isNaN(one) ? 'NaN' : one)));
}

function problemsOf(json: unknown): readonly string[] {
  try {
    profileOf(json);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'request' });
    return (error as { problems: readonly string[] }).problems;
  }
}

const calls = ['batch', 'compaction', 'round', 'partition', 'quietRound', 'quietPartition'];

describe('a profile', () => {
  it('is taken as it is where all is there', () => {
    expect(profileOf(profile)).toBe(profile);
  });

  it.each<[readonly Step[], unknown, ...string[]]>([
    [['events'], 'many', 'events must be a number from 1 to 1000000000000, not "many"'],
    [['eventBytes'], 0, 'eventBytes must be a number from 1 to 1000000000000, not 0'],
    [['startMs'], undefined, 'startMs must be a number from 0 to 1000000000000, not nothing'],
    [['pipeline'], 7, 'pipeline must be a text, not 7'],
    [['versions'], { node: 24 }, 'versions.node must be a text, not 24'],
    [['cpu'], {}, 'cpu.plain must be an object', 'cpu.packed must be an object'],
    [['cpu', 'plain', 'perEventUs'], '5', 'cpu.plain.perEventUs must be a number'],
    [['calls'], {}, ...calls.map((name) => `calls.${name} must be an object, not nothing`)],
    [['calls', 'round', 'reads'], -1, 'calls.round.reads must be a number from 0'],
    [['records'], [{}], 'records[0].events must be', 'records[0].bytesPerEvent must be'],
    [['records'], {}, 'records must be an array, not {}'],
    [['records', 1, 'events'], 1, 'records[1].events must be more than the 1 before it, not 1'],
    [
      ...([['batches'], [{}, {}]] as const),
      ...[0, 1].flatMap((i) =>
        ['events', 'entries', 'entryBytes', 'rowBytes', 'rows', 'entryBytesDeviation'].map(
          (name) => `batches[${i}].${name} must be a number`,
        ),
      ),
    ],
    [['batches'], profile.batches.slice(0, 1), 'batches must have at least 2 items, not 1'],
    [['batches', 2], null, 'batches[2] must be an object, not null'],
    [['batches', 3, 'events'], 30, 'batches[3].events must be more than the 30 before it, not 30'],
    [['batches', 3, 'rows'], 2, 'batches[3].rows must be at least the 25.38 before it, not 2'],
    [
      ['batches', 0, 'rowBytes'],
      200,
      'batches[0].rowBytes must be at most its entryBytes of 114.6',
    ],
    [['views'], [], 'views must have at least 1 items, not 0'],
    [['views', 0, 'rollup'], true, 'views must have one that is no rollup'],
    [['views', 0, 'rollup'], 'no', 'views[0].rollup must be true or false, not "no"'],
    [['views', 0, 'name'], '', 'views[0].name must be a text, not ""'],
    [['views', 0, 'pageSeconds'], 0, 'views[0].pageSeconds must be a number from 0.001'],
    [['views', 0, 'rowSeconds'], 61, 'views[0].rowSeconds must be at most its pageSeconds of 60'],
    [['views', 0, 'rowSeconds'], null, 'views[0].rowSeconds must be at most its pageSeconds of 60'],
    [['views', 0, 'rowGrowth'], 1.5, 'views[0].rowGrowth must be a number from 0 to 1, not 1.5'],
    [['views', 0, 'pages'], [], 'views[0].pages must have at least 2 items, not 0'],
    [['views', 0, 'pages', 0, 'rows'], 1, 'views[0].pages[0].rows must be 0, not 1'],
    [['views', 0, 'pages', 1, 'rows'], 0, 'views[0].pages[1].rows must be at least 1, not 0'],
    [
      ['views', 0, 'pages', 3, 'events'],
      1,
      'views[0].pages[3].events must be more than the 2 before',
    ],
    [
      ['views', 0, 'pages', 3, 'rows'],
      1,
      'views[0].pages[3].rows must be at least the 2 before it',
    ],
    [['views', 0, 'keys'], [{}], 'views[0].keys[0].events must', 'views[0].keys[0].keys must be'],
    [
      ['views', 0, 'keys', 1, 'events'],
      1,
      'views[0].keys[1].events must be more than the 1 before it',
    ],
    [
      ['views', 0, 'keys', 2, 'keys'],
      9,
      'views[0].keys[2].keys must be at least the 9.233 before it',
    ],
    [['views', 0, 'popularity'], undefined, 'views[0].popularity must be an object, not nothing'],
    [['views', 0, 'popularity', 'keys'], 0, 'views[0].popularity.keys must be a number from 1'],
    [['views', 0, 'popularity', 'exponent'], 11, 'views[0].popularity.exponent must be a number'],
    [['delays'], [{}], 'delays[0].seconds must be a number', 'delays[0].share must be a number'],
    [['delays', 1, 'share'], 0.5, 'delays[1].share must be at most the 0.0595 before it, not 0.5'],
    [['delays', 1, 'share'], 2, 'delays[1].share must be a number from 0 to 1, not 2'],
    [['delays', 2, 'seconds'], 1, 'delays[2].seconds must be more than the 1 before it, not 1'],
    [['delays', 0, 'seconds'], 0.5, 'delays[0].seconds must be 0, not 0.5'],
    [['delays'], [{ seconds: 0, share: 1 }], 'delays[0].share must be less than 1'],
    [['compactions', 0, 'pages'], '1', 'compactions[0].pages must be a number'],
    [
      ['compactions', 1, 'batchEvents'],
      5,
      'compactions[1].batchEvents must be more than the 10 before',
    ],
  ])('with another value at %j is refused, with the path: %j', (path, value, ...texts) => {
    const problems = problemsOf(changed(path, value));
    expect(problems).toEqual(texts.map((one) => expect.stringContaining(one)));
  });

  it('without any one of its fields is refused, with the path', () => {
    const paths = fieldsOf(profile);
    expect(paths.length).toBeGreaterThan(200);
    for (const path of paths) {
      const [problem, ...others] = problemsOf(changed(path, undefined));
      expect([problem, others], path.join('.')).toEqual([expect.stringContaining('nothing'), []]);
      expect(problem!.startsWith(`${pathText(path)} must be `), problem).toBe(true);
    }
  });

  it('with a view that has no field is refused for each of them', () => {
    const fields = Object.keys(profile.views[0]!);
    const problems = problemsOf(changed(['views'], [{}]));
    expect(problems.map((one) => one.split(' ')[0]).sort()).toEqual(
      fields.map((name) => `views[0].${name}`).sort(),
    );
  });

  it.each([[null], [7], ['text'], [[]]])('is not %j', (json) => {
    expect(problemsOf(json)).toEqual([`a profile must be an object, not ${JSON.stringify(json)}`]);
  });

  it('has curves that never fall, whatever parts of the events they are means of', () => {
    const rows = [3, 2, 4, 1].map((each, events) => ({ events, rows: each }));
    expect(neverFalling(rows, 'rows').map((one) => one.rows)).toEqual([3, 3, 4, 4]);
  });

  it.each([
    ['clicks', profile],
    ['flights', flightsProfile],
  ])('that is shipped says what it was measured on: %s', (name, shipped) => {
    expect(shipped.pipeline).toBe(name);
    expect(shipped.input).toBe(`${name}.ndjson`);
    expect(shipped.events).toBe(200_000);
    expect(shipped.measuredOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(shipped.machine).toMatch(/cores/);
    expect(shipped.versions).toMatchObject({ node: expect.stringMatching(/^24\./) });
  });

  it('of the flights, which come up to two days late, knows how late all of them come', () => {
    expect(flightsProfile.delays.at(-1)!.share).toBe(0);
    expect(flightsProfile.delays.at(-1)!.seconds).toBeGreaterThan(3_600);
  });
});

/** The paths of all fields of objects. */
function fieldsOf(value: unknown): Step[][] {
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([name, one]) => {
    const step = isList ? Number(name) : name;
    // What versions there are is open.
    const below = name === 'versions' ? [] : fieldsOf(one).map((path) => [step, ...path]);
    return isList ? below : [[step], ...below];
  });
}

function pathText(path: readonly Step[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}

const values = fc.oneof(
  fc.constantFrom(0, 1e-6, 1e-3, 0.5, 1, 2, 1e3, 1e9, 1e12, 1e300, -1, null, '7', [], {}),
  fc.double({ min: 0, max: 1e6 }),
);

/** The shipped profile with up to three other values somewhere. */
const mutated = fc
  .array(fc.tuple(fc.constantFrom(...fieldsOf(profile)), values), { minLength: 1, maxLength: 3 })
  .map((changes) => {
    const copy = structuredClone(profile) as unknown as Json;
    for (const [path, value] of changes) {
      const at = path
        .slice(0, -1)
        .reduce<unknown>((one, step) => (one as Json | undefined)?.[step], copy);
      if (typeof at === 'object' && at !== null) (at as Json)[path.at(-1)!] = value;
    }
    return copy as unknown as Profile;
  });

const workloads = [
  workloadOf({}),
  workloadOf({ eventsPerSecond: 1, recordEvents: 1, queriesPerSecond: 1, archive: true }),
  workloadOf({ eventsPerSecond: 50_000, shape: 'bursty', keys: 1_000_000, partitions: 64 }),
];

const clouds = fc.constantFrom('aws', 'azure');

/** All numbers in it, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

it('whatever is a profile has bills, capacity and memory that are numbers', () => {
  fc.assert(
    fc.property(mutated, fc.constantFrom(...workloads), clouds, (one, given, cloud) => {
      const isRefused = problemsOf(one).length > 0;
      fc.pre(!isRefused);
      // Loads are remembered by workload.
      const workload = { ...given };
      const answers = [
        templateBill(cloud, workload, one, book),
        capacityOf(cloud, workload, one, 2_048),
        memorySizes(cloud, workload, one, book),
      ];
      expect(numbersIn(answers).filter((value) => !Number.isFinite(value))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
