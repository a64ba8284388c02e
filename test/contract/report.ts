#!/usr/bin/env node
/** `npm run contract [-- <set> …] [-- --write]`: the contract suites of the sets, and the README's table of them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adapterSets } from './adapter-sets.ts';

/** What vitest's JSON report says of one test. */
interface Assertion {
  readonly ancestorTitles: readonly string[];
  readonly status: string;
}

const begin = '<!-- contract table: npm run contract -- --write -->';
const end = '<!-- end of contract table -->';

/** Passed and all tests by port of one set. */
function run(set: string): Map<string, { passed: number; all: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-contract-'));
  const file = join(folder, 'report.json');
  const args = ['run', `test/contract/${set}.test.ts`];
  const report = ['--reporter=json', `--outputFile=${file}`];
  const vitest = new URL('../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
  spawnSync(process.execPath, [vitest, ...args, ...report], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
    testResults: readonly { assertionResults: readonly Assertion[] }[];
  };
  rmSync(folder, { recursive: true });
  const ports = new Map<string, { passed: number; all: number }>();
  for (const { assertionResults } of testResults) {
    for (const { ancestorTitles, status } of assertionResults) {
      const port = ancestorTitles[0] ?? '';
      // What is asked of one cloud alone is no port.
      if (port.startsWith('what ')) continue;
      const { passed, all } = ports.get(port) ?? { passed: 0, all: 0 };
      ports.set(port, { passed: passed + (status === 'passed' ? 1 : 0), all: all + 1 });
    }
  }
  return ports;
}

/** A Markdown table of ports by sets. */
function table(sets: readonly string[]): { text: string; failed: boolean } {
  const results = sets.map((set) => run(set));
  const ports = [...new Set(results.flatMap((result) => [...result.keys()]))];
  let failed = ports.length === 0;
  const rows = ports.map((port) => {
    const cells = results.map((result) => {
      const { passed, all } = result.get(port) ?? { passed: 0, all: 0 };
      if (passed !== all || all === 0) failed = true;
      return passed === all ? `${passed} pass` : `${passed} of ${all}`;
    });
    return `| ${[port, ...cells].join(' | ')} |`;
  });
  const head = `| ${['port', ...sets].join(' | ')} |\n|${' --- |'.repeat(sets.length + 1)}`;
  return { text: [head, ...rows].join('\n'), failed };
}

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const known = Object.keys(adapterSets);
const unknown = positionals.filter((set) => !known.includes(set));
if (unknown.length > 0) {
  console.error(`There is no adapter set ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  process.exit(2);
}
const { text, failed } = table(positionals.length > 0 ? positionals : known);
console.log(text);
if (values.write) {
  const readme = new URL('../../README.md', import.meta.url);
  const old = readFileSync(readme, 'utf8');
  const [before, rest] = [old.split(begin)[0], old.split(end)[1]];
  if (rest === undefined) throw new Error(`README.md has no '${begin}' … '${end}'`);
  writeFileSync(readme, `${before}${begin}\n${text}\n${end}${rest}`);
}
process.exitCode = failed ? 1 : 0;
