import type { Pipeline } from '../core/pipeline.ts';
import { type PipelineOutcome, runPipelineSeed } from '../testing/simulation/pipeline-schedule.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { readRows } from './input/rows.ts';
import { loadPipelines } from './pipelines.ts';
import { wholeNumber } from './whole-number.ts';

const inputRowsMax = 100_000;

/** `millrace simulate`: a pipeline under faults, by seeds. */
export const command = defineCommand({
  name: 'simulate',
  summary: 'Run a pipeline under crashes, lost answers and redelivery, by seeds',
  usage: 'simulate --pipeline <file.ts> [options]',
  options: {
    pipeline: {
      type: 'string',
      placeholder: '<file.ts>',
      required: true,
      description: 'A file that exports one or more pipelines; it may lie anywhere',
    },
    input: {
      type: 'string',
      placeholder: '<file|->',
      description: 'Take events from here (at most 100,000), not from the schema',
    },
    seeds: {
      type: 'string',
      placeholder: '<n>',
      description: 'How many schedules (default: 200; 1 with --seed)',
    },
    seed: {
      type: 'string',
      placeholder: '<s>',
      description: 'The seed of the first (default: 1); alone it replays one schedule',
    },
    json: { type: 'boolean', description: 'One JSON object per pipeline' },
  },
  notes: `A schedule is a short stream with duplicates, disorder and bad events, and an order of
all that processors and compactions do, with crashes, lost answers, stale reads and redelivery in
it. At its end, rows, counts, late events and dead letters must be what the same stream gives in
one batch without faults, to the byte. A function of the definition that does not give the same
again for the same event is named.

Examples:
  millrace simulate --pipeline pipelines/flights.ts
  millrace simulate --pipeline clicks.ts --input clicks.ndjson --seeds 1000
  millrace simulate --pipeline clicks.ts --seed 17`,
  async run({ pipeline: file, input, seeds, seed, json = false }) {
    const pipelines = await loadPipelines(file);
    const first = wholeNumber('--seed', seed ?? '1');
    const count = wholeNumber('--seeds', seeds ?? (seed === undefined ? '200' : '1'));
    if (count === 0) throw new UsageError('--seeds must be at least 1');
    // Stack traces cost more than all the rest of an error that is expected.
    Error.stackTraceLimit = 0;
    let failed = false;
    for (const pipeline of pipelines) {
      const given = input === undefined ? null : await eventsOf(input, pipeline);
      const done = await simulate(pipeline, { first, count, given });
      const again = `--pipeline ${file}${input === undefined ? '' : ` --input ${input}`}`;
      process.stdout.write(json ? `${JSON.stringify(done)}\n` : textOf(done, again));
      failed ||= done.failures.length > 0 || isVoid(done);
    }
    return failed ? 1 : 0;
  },
});

const failuresMax = 10;
const keptSteps = 200;

interface Simulated {
  readonly pipeline: string;
  readonly firstSeed: number;
  readonly schedules: number;
  readonly perSecond: number;
  /** How often each thing happened. */
  readonly figures: Readonly<Record<string, number>>;
  readonly failures: readonly { readonly seed: number; readonly what: string }[];
  /** The steps of the one schedule that was asked for, if it failed. */
  readonly steps: readonly string[];
}

interface Range {
  readonly first: number;
  readonly count: number;
  readonly given: readonly unknown[] | null;
}

/** Runs seeds until all are done, or ten have failed. */
async function simulate(pipeline: Pipeline, { first, count, given }: Range): Promise<Simulated> {
  const begun = performance.now();
  const figures: Record<string, number> = {};
  const failures: { seed: number; what: string }[] = [];
  let steps: PipelineOutcome['trace'] = null;
  let schedules = 0;
  for (let seed = first; seed < first + count && failures.length < failuresMax; seed += 1) {
    const {
      failure,
      trace,
      figures: more,
    } = await runPipelineSeed(pipeline, seed, given, count === 1);
    schedules += 1;
    for (const [name, times] of more) figures[name] = (figures[name] ?? 0) + times;
    if (failure !== null) {
      failures.push({ seed, what: failure });
      steps = trace;
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${schedules} schedules `);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const perSecond = Math.round((schedules * 1000) / (performance.now() - begun));
  const { name } = pipeline;
  const kept = steps?.slice(-keptSteps) ?? [];
  return { pipeline: name, firstSeed: first, schedules, perSecond, figures, failures, steps: kept };
}

async function eventsOf(path: string, { plan }: Pipeline): Promise<unknown[]> {
  const events: unknown[] = [];
  const { schema, idField } = plan;
  for await (const rows of readRows({ path, idField, schema })) {
    for (const { value } of rows) if (value !== undefined) events.push(value);
    if (events.length >= inputRowsMax) break;
  }
  return events.slice(0, inputRowsMax);
}

/** What is told of the figures: names, and words for them. */
const told: readonly (readonly (readonly [name: string, words: string])[])[] = [
  [
    ['fault: crash-before', 'crashes before a write'],
    ['fault: crash-after', 'after it'],
    ['fault: lost', 'lost answers'],
    ['fault: throttled', 'throttled calls'],
    ['fault: unavailable', 'failed ones'],
    ['fault: frozen', 'stalls'],
  ],
  [
    ['redelivery', 'redeliveries'],
    ['race lost', 'races'],
    ['stale read: eventual', 'stale reads'],
    ['batch of several entries', 'batches of several entries'],
  ],
  [
    ['events received', 'events'],
    ['events duplicates', 'duplicates'],
    ['events filtered', 'filtered'],
    ['events deadLettered', 'dead letters'],
    ['late events', 'late'],
    ['rows', 'rows'],
  ],
];

/** Whether nothing failed because nothing could. */
function isVoid({ figures }: Simulated): boolean {
  return (figures['rows'] ?? 0) === 0;
}

function textOf(done: Simulated, again: string): string {
  const { pipeline, schedules, firstSeed, perSecond, figures, failures, steps } = done;
  const lines = told.map((figuresOfLine) =>
    figuresOfLine.map(([name, words]) => `${figures[name] ?? 0} ${words}`).join(', '),
  );
  return [
    ...steps,
    `${pipeline}: ${schedules} schedules from seed ${firstSeed}, ${perSecond} per second`,
    ...lines.map((line) => `  ${line}`),
    ...failures.map(
      ({ seed, what }) => `FAILED: millrace simulate ${again} --seed ${seed}\n  ${what}`,
    ),
    failures.length > 0
      ? `${failures.length} failures\n`
      : isVoid(done)
        ? 'no event was counted: give the schema examples, or events with --input\n'
        : 'no failure\n',
  ].join('\n');
}
