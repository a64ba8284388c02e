#!/usr/bin/env node
/** `npm run bench [-- --json] [-- --only <name>]`: every figure of the target table that exists, held against its target. */
import { parseArgs } from 'node:util';
import { coreFigures } from './core.ts';
import type { Figure } from './figure.ts';
import { freshnessFigures } from './freshness.ts';
import { queryFigures } from './queries.ts';
import { rollupFigures } from './rollups.ts';
import { startFigures } from './start.ts';
import { memoryFigures, storageFigures } from './storage.ts';

const groups: Readonly<Record<string, () => Figure[] | Promise<Figure[]>>> = {
  core: coreFigures,
  memory: memoryFigures,
  storage: storageFigures,
  queries: queryFigures,
  rollups: rollupFigures,
  freshness: freshnessFigures,
  start: startFigures,
};

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
});

if (values.only !== undefined && !(values.only in groups)) {
  console.error(
    `there are no figures of ${values.only}; there are ${Object.keys(groups).join(', ')}`,
  );
  process.exit(2);
}

let missed = 0;
for (const [name, run] of Object.entries(groups)) {
  if (values.only !== undefined && values.only !== name) continue;
  for (const figure of await run()) {
    if (figure.met === false) missed += 1;
    console.log(values.json ? JSON.stringify(figure) : line(figure));
  }
}
process.exitCode = missed > 0 ? 1 : 0;

function line({ name, value, unit, target, met }: Figure): string {
  const verdict = met === null ? '' : met ? 'met' : 'MISSED';
  const shown = `${value} ${unit}`.padStart(20);
  return `${name.padEnd(32)} ${shown}   ${(target ?? '').padEnd(18)} ${verdict}`;
}
