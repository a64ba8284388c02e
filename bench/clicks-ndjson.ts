#!/usr/bin/env node
/** `node bench/clicks-ndjson.ts > clicks.ndjson`: the clicks that the shipped profile of `millrace cost` was measured on. */
import { once } from 'node:events';
import { clickTexts } from './clicks.ts';

const block = 1_000;
let lines: string[] = [];
for (const text of clickTexts({ count: 200_000, rate: 1_000, keys: 10_000, seed: 1 })) {
  lines.push(`${text}\n`);
  if (lines.length < block) continue;
  if (!process.stdout.write(lines.join(''))) await once(process.stdout, 'drain');
  lines = [];
}
