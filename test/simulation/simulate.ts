import { parseArgs } from 'node:util';
import { bugs } from './bugs.ts';
import { medianEffects, rare, type Sum, table } from './figures.ts';
import { install } from './patch.ts';
import { runSeeds } from './pool.ts';

const usage = `npm run simulate -- [--seeds N] [--seed S] [--bug <id>] [--json]

  --seeds N   run N schedules (default 1,000; 1 with --seed)
  --seed S    start at seed S (default 1); alone it replays one schedule and shows its steps if it fails
  --trace     show the steps of the one schedule in any case
  --bug ID    plant a bug and stop at the first schedule that catches it: ${bugs.map(({ id }) => id).join(', ')}
  --json      one JSON object instead of text`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    bug: { type: 'string' },
    json: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const first = wholeNumber('seed', values.seed ?? '1', 0);
const bug = values.bug ?? null;
const planted = bugs.find(({ id }) => id === bug);
if (values.help) console.log(usage);
else if (bug !== null && planted === undefined) {
  console.error(`there is no bug '${bug}'; there are ${bugs.map(({ id }) => id).join(', ')}`);
  process.exitCode = 2;
} else if (values.seed !== undefined && values.seeds === undefined) await replay(first);
else await runMany(wholeNumber('seeds', values.seeds ?? '1000', 1));

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text.replaceAll('_', '').replaceAll(',', ''));
  if (Number.isSafeInteger(number) && number >= least) return number;
  console.error(`--${name} must be a whole number from ${least} on, not '${text}'`);
  process.exit(2);
}

/** The command that shows one schedule again. */
function command(seed: number): string {
  return `npm run simulate -- --seed ${seed}${bug === null ? '' : ` --bug ${bug}`}`;
}

async function replay(seed: number): Promise<void> {
  for (const patch of planted?.patches ?? []) install(patch);
  const { runSeed } = await import('./schedule.ts');
  const { failure, trace, figures, ...run } = await runSeed(seed, true);
  const shown = { ...run, failure, figures: Object.fromEntries(figures) };
  if (values.json) console.log(JSON.stringify(shown));
  else {
    if (failure !== null || values.trace) console.log((trace ?? []).join('\n'));
    const hash = run.hash.toString(16).padStart(8, '0');
    console.log(`seed ${seed}: ${run.effects} effects, ${run.steps} steps, trace ${hash}`);
    console.log(failure === null ? 'no failure' : `FAILED at ${failure}`);
  }
  if (failure !== null) process.exitCode = 1;
}

async function runMany(count: number): Promise<void> {
  const begun = performance.now();
  const progress = (sum: Sum): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${sum.schedules} schedules `);
  };
  const workers = bug === null ? {} : { workers: 1 };
  const sum = await runSeeds({ from: first, count, bug, progress, ...workers });
  const seconds = (performance.now() - begun) / 1000;
  const perSecond = Math.round(sum.schedules / seconds);
  const median = medianEffects(sum);
  const hash = sum.hash.toString(16).padStart(8, '0');
  if (values.json) {
    const { schedules, figures, failures } = sum;
    console.log(JSON.stringify({ schedules, seconds, perSecond, median, hash, figures, failures }));
  } else {
    if (process.stderr.isTTY) process.stderr.write('\r');
    console.log(`${sum.schedules} schedules from seed ${first}, ${perSecond} per second`);
    console.log(`median ${median} effects, trace ${hash}`);
    console.log(table(sum));
    if (rare(sum).length > 0) console.log(`  in less than 1 %: ${rare(sum).join(', ')}`);
    for (const { seed, what } of sum.failures) console.log(`FAILED: ${command(seed)}\n  ${what}`);
    console.log(sum.failures.length === 0 ? 'no failure' : 'there were failures');
  }
  if (sum.failures.length > 0) process.exitCode = 1;
}
