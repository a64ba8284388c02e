#!/usr/bin/env node
/**
 * `npm run bench:peers [-- --json] [-- --only <design>] [-- --events N] [-- --rounds N] [-- --check] [-- --write]`: the
 * same events through Millrace and through other designs. A time counts once the answer is the same.
 */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type Answer, differences } from './answer.ts';
import { designs, ours } from './designs.ts';
import { install } from './packages.ts';
import { pageOf, write } from './page.ts';
import type { Order, Outcome } from './run.ts';
import { summariesOf } from './summary.ts';

const checked = { events: 2_000, dynalite: 300, rounds: 1 } as const;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    events: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    check: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** All that is asked for, ours first. */
function orders(): Order[] {
  const names = designs.map(({ name }) => name);
  const unknown = values.only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`${unknown} is none of ${names.join(', ')}`);
  const most = values.check ? checked.events : wholeOf(values.events ?? '1e9', 'events');
  return designs
    .filter(({ name }) => name === ours || values.only.length === 0 || values.only.includes(name))
    .flatMap(({ name: design, events, packs }) => {
      const memory = {
        design,
        store: 'memory',
        events: Math.min(most, events.memory ?? 0),
      } as const;
      const scarce = values.check && design !== ours ? checked.dynalite : most;
      const dynalite = Math.min(scarce, events.dynalite ?? 0);
      return [
        { ...memory, pack: 1 },
        { ...memory, pack: packs ? 100 : 0 },
        { design, store: 'dynalite', events: dynalite, pack: 1 } as const,
      ].filter((order) => order.events > 0 && order.pack > 0);
    });
}

function wholeOf(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number`);
  return value;
}

/** Runs a design in a process of its own. */
async function run(order: Order): Promise<Outcome> {
  const absent = new URL('installed/absent-clients.ts', import.meta.url).href;
  const execArgv = ['--expose-gc', ...(isInstalled(order) ? ['--import', absent] : [])];
  const child = fork(new URL('run.ts', import.meta.url), { execArgv });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once('message', (outcome) => resolve(outcome as Outcome));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${order.design} ended with code ${code}`)));
  });
}

function isInstalled({ design }: Pick<Order, 'design'>): boolean {
  return designs.find(({ name }) => name === design)?.file.startsWith('installed/') === true;
}

const answers = new Map<number, Answer>();

/** What so many events come to: ours, which the loop by hand has to agree with. */
async function expected(events: number): Promise<Answer> {
  const known = answers.get(events);
  if (known !== undefined) return known;
  const order = { store: 'memory', events, pack: 1 } as const;
  const { answer } = await run({ ...order, design: ours });
  const { answer: other } = await run({ ...order, design: 'hand-loop' });
  mustAgree(ours, other, answer);
  answers.set(events, answer);
  return answer;
}

function mustAgree(design: string, wanted: Answer, answer: Answer): void {
  const wrong = differences(wanted, answer);
  if (wrong.length > 0) throw new Error(`${design} has another answer: ${wrong.join('; ')}`);
}

async function round(all: readonly Order[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const order of all) {
    const outcome = await run(order);
    mustAgree(order.design, await expected(order.events), outcome.answer);
    const us = ((outcome.cpuMs * 1_000) / outcome.events).toPrecision(3);
    say(
      `${order.design}, ${order.store}, ${order.pack} to a record: ${us} µs an event, same answer`,
    );
    outcomes.push(outcome);
  }
  return outcomes;
}

async function main(): Promise<void> {
  const all = orders();
  if (all.some(isInstalled)) install(say);
  const times = values.check ? checked.rounds : wholeOf(values.rounds, 'rounds');
  const rounds: Outcome[][] = [];
  for (let i = 0; i < times; i += 1) {
    say(`round ${i + 1} of ${times}`);
    rounds.push(await round(all));
  }
  const summaries = summariesOf(rounds);
  if (values.json) for (const summary of summaries) console.log(JSON.stringify(summary));
  else console.log(pageOf(summaries));
  if (values.write) write(pageOf(summaries));
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
