#!/usr/bin/env node
/** `npm run distinct-errors`: how far counts of distinct values lie from the truth, as the table of docs/measures.md. */
import { parseArgs } from 'node:util';
import { sparseMax } from '../core/measure/distinct.ts';
import { estimate, fineWord, raise, registers } from '../core/measure/registers.ts';

const sizes = [
  ...[1, 10, 100, 512, 513, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000],
  ...[100_000, 1_000_000, 10_000_000],
];

const { values } = parseArgs({ options: { streams: { type: 'string', default: '40' } } });
const streams = Number(values.streams);

/** The relative errors of one stream of values that are all different, at each size. */
function errorsOf(stream: number): number[] {
  const many = new Uint8Array(registers);
  const few = new Set<number>();
  let size = 0;
  return sizes.map((next) => {
    for (; size < next; size += 1) {
      const word = fineWord(`${stream}/user-${size}`);
      // The register is the word without its rank; ranks don't matter to how many there are.
      if (size < sparseMax) few.add(word >>> 6);
      raise(many, word);
    }
    return (next <= sparseMax ? few.size : Math.round(estimate(many))) / next - 1;
  });
}

const all = Array.from({ length: streams }, (_, stream) => errorsOf(stream));
const percent = (error: number): string => `${(error * 100).toFixed(2)} %`;
console.log('| distinct values | mean error | root mean square | largest |\n|---|---|---|---|');
let worst = 0;
for (const [i, size] of sizes.entries()) {
  const errors = all.map((list) => list[i] as number);
  const mean = errors.reduce((sum, error) => sum + error, 0) / streams;
  const square = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / streams);
  const largest = Math.max(...errors.map(Math.abs));
  worst = Math.max(worst, square);
  console.log(
    `| ${size.toLocaleString('en')} | ${percent(mean)} | ${percent(square)} | ${percent(largest)} |`,
  );
}
const stated = 1.04 / Math.sqrt(registers);
// Over this many streams a root mean square strays by a share of about 1 / sqrt(2 n).
process.exitCode = worst > stated * (1 + 4 / Math.sqrt(2 * streams)) ? 1 : 0;
