import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const usage = `npm run fuzz -- [--runs N] [--seed S]

  --runs N   run every property N times (default: as in CI, some thousands)
  --seed S   replay the inputs of a seed that was printed`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const numbers = [values.runs, values.seed].filter((text) => text !== undefined);

if (values.help || !numbers.every((text) => /^\d{1,15}$/.test(text))) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  const env = { ...process.env };
  if (values.runs !== undefined) env['FUZZ_RUNS'] = values.runs;
  if (values.seed !== undefined) env['FUZZ_SEED'] = values.seed;
  const args = ['run', '--project', 'fuzz', '--testTimeout', '0'];
  const { status } = spawnSync('vitest', args, { stdio: 'inherit', env });
  process.exitCode = status ?? 1;
}
