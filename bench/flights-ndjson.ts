#!/usr/bin/env node
/** `node bench/flights-ndjson.ts > flights.ndjson`: the flights that `cost/flights-profile.json` was measured on. */
import { once } from 'node:events';
import { flights } from '../local-app/flights-source.ts';

const most = 200_000;
let count = 0;
for await (const { rows } of flights()) {
  const lines = rows.slice(0, most - count).map((row) => `${JSON.stringify(row)}\n`);
  count += lines.length;
  if (!process.stdout.write(lines.join(''))) await once(process.stdout, 'drain');
  if (count === most) break;
}
