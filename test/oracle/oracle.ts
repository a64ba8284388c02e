/**
 * `npm run oracle [-- --rows N]`: the flights in the order of arrival against an independent computation in DuckDB,
 * row by row. Exit code 1 if anything differs.
 */
import { parseArgs } from 'node:util';
import { table } from '../../cli/table.ts';
import { flightsPath } from '../../local-app/flights-file.ts';
import { type CheckedRun, checkedRuns } from './checks.ts';
import { openOracle } from './duckdb.ts';
import { checkedWindowRuns } from './window-checks.ts';

const { values } = parseArgs({ options: { rows: { type: 'string' } } });
const first = values.rows === undefined ? undefined : Number(values.rows);
if (first !== undefined && !(Number.isInteger(first) && first >= 1)) {
  console.error(`--rows must be a whole number from 1, not ${values.rows}`);
  process.exit(2);
}
const started = performance.now();
const path = flightsPath();
const oracle = await openOracle(path, first);
console.log(`${oracle.flights} flights in the order of arrival, out-of-orderness bound 0\n`);
const runs: CheckedRun[] = [];
for (const checked of [checkedRuns, checkedWindowRuns]) {
  for await (const run of checked(oracle, path)) {
    runs.push(run);
    show(run);
  }
}
oracle.close();
const failed = runs.flatMap((run) => run.checks).filter((check) => check.differences.length > 0);
const seconds = Math.round((performance.now() - started) / 1000);
const memory = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  failed.length === 0
    ? `All equal. ${seconds} s, at most ${memory} MB with DuckDB in the same process.`
    : `${failed.length} of the comparisons differ. ${seconds} s.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function show({ name, events, seconds, late, checks }: CheckedRun): void {
  const lateTexts = Object.entries(late).map(([view, count]) => `${view} ${count}`);
  console.log(
    `${name}: ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} events/s; ` +
      `late: ${lateTexts.join(', ')}`,
  );
  const columns = [
    { head: 'compared', cells: checks.map((check) => check.name) },
    { head: 'rows', cells: checks.map((check) => String(check.compared)), right: true },
    {
      head: 'result',
      cells: checks.map(({ differences }) => (differences.length === 0 ? 'equal' : 'DIFFERENT')),
    },
  ];
  console.log(table(columns, '  '));
  for (const check of checks) for (const line of check.differences) console.log(`    ${line}`);
  console.log('');
}
