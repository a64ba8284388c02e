#!/usr/bin/env node
/** `npm run cost:replay`: what the model of costs says, held against the calls that the apps make. */
import { readFileSync, writeFileSync } from 'node:fs';
import { defineCommand } from '../../cli/command.ts';
import { print } from '../../cli/output.ts';
import { runScript } from '../../cli/script.ts';
import type { Cloud } from '../../cost/price-book.ts';
import { profileOf } from '../../cost/profile.ts';
import { type Compared, replay } from './replay.ts';
import { tableOf, uncountedText, withTable } from './table.ts';
import { replayed, span } from './workloads.ts';

const root = new URL('../../', import.meta.url);
const page = new URL('docs/cost-replay.md', root);
const clouds: readonly Cloud[] = ['aws', 'azure'];
const command = defineCommand({
  name: 'cost:replay',
  summary: 'Replay workloads on emulators, and hold what millrace cost says against the calls',
  usage: 'cost:replay -- [options]',
  options: {
    cloud: { type: 'string', placeholder: '<cloud>', description: 'aws or azure alone' },
    workload: { type: 'string', placeholder: '<name>', description: 'This workload alone' },
    json: { type: 'boolean', description: 'The same as JSON' },
    write: { type: 'boolean', description: 'Put the table into docs/cost-replay.md' },
  },
  notes: 'It takes some minutes: 22 minutes of events of each workload go through both apps.',
  async run({ cloud: only, workload, json = false, write = false }) {
    const profile = profileOf(
      JSON.parse(readFileSync(new URL('cost/default-profile.json', root), 'utf8')),
    );
    const compared: Compared[] = [];
    for (const cloud of clouds.filter((one) => only === undefined || one === only)) {
      for (const one of replayed.filter(
        ({ name }) => workload === undefined || name === workload,
      )) {
        const options = { cloud, replayed: one, profile, ...span };
        compared.push(...(await replay({ ...options, onSecond: told(`${cloud}, ${one.name}`) })));
      }
    }
    if (json) await print(JSON.stringify(compared, null, 2));
    else await print(`${tableOf(compared)}\n\n${uncountedText()}`);
    if (write) {
      const day = new Date().toISOString().slice(0, 10);
      writeFileSync(page, withTable(readFileSync(page, 'utf8'), compared, day));
    }
    return 0;
  },
});

/** A line about how far it is: over itself on a terminal, else one for every tenth. */
function told(what: string): (second: number, of: number) => void {
  const { stderr } = process;
  return (second, of) => {
    const isTenth = second % Math.ceil(of / 10) === 0;
    if (stderr.isTTY)
      stderr.write(`\r${what}: ${second} of ${of} s\x1b[K${second === of ? '\n' : ''}`);
    else if (isTenth || second === of) stderr.write(`${what}: ${second} of ${of} s\n`);
  };
}

await runScript(command);
