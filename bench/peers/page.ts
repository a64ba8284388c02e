import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { designs } from './designs.ts';
import { versionOf } from './packages.ts';
import type { Summary } from './summary.ts';
import { giftsTable, tablesOf } from './table.ts';

const file = new URL('../../docs/benchmarks.md', import.meta.url);
const begin = '<!-- tables of rivals: npm run bench:peers -- --write -->';
const end = '<!-- end of the tables of rivals -->';
const gigabyte = 1_073_741_824;

/** The results as they stand in the page: when and where they were measured, of which versions, tables. */
export function pageOf(summaries: readonly Summary[]): string {
  const names = [...new Set(summaries.map(({ design }) => design))];
  return [whereOf(summaries, names), tablesOf(summaries), giftsTable(names)].join('\n\n');
}

function whereOf(summaries: readonly Summary[], names: readonly string[]): string {
  const packages = designs
    .filter(({ name }) => names.includes(name))
    .flatMap((design) => design.packages);
  const versions = [...packages, 'dynalite'].map((name) => `${name} ${versionOf(name)}`);
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / gigabyte);
  const runs = summaries[0]?.runs ?? 0;
  const day = new Date().toISOString().slice(0, 10);
  const load = (loadavg()[1] ?? 0).toFixed(1);
  return [
    `Measured on ${day}: ${availableParallelism()} cores of ${cpu?.model.trim()}, ${memory} GB,`,
    `Node ${process.versions.node}, under a load of ${load}; the median of ${runs} rounds.`,
    `Versions: ${versions.join(', ')}.`,
  ].join('\n');
}

/** Puts the results into the page. */
export function write(text: string): void {
  const old = readFileSync(file, 'utf8');
  const [before, rest] = [old.split(begin)[0], old.split(end)[1]];
  if (rest === undefined) throw new Error(`docs/benchmarks.md has no '${begin}' … '${end}'`);
  writeFileSync(file, `${before}${begin}\n${text}\n${end}${rest}`);
}
