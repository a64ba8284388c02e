#!/usr/bin/env node
/** One run of one design in a process of its own, which tells its parent what it took. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Answer } from './answer.ts';
import type { StoreKind } from './design.ts';
import { designs, startOf } from './designs.ts';
import type { Counted, Listening } from './emulators.ts';
import { type Fed, feed } from './feed.ts';
import { deliveries } from './input.ts';

/** What to run. */
export interface Order {
  readonly design: string;
  readonly store: StoreKind;
  /** Events of a record. */
  readonly pack: number;
  readonly events: number;
}

/** What a run took. */
export interface Outcome extends Order, Fed, Counted {
  readonly answer: Answer;
  /** The most memory that the process had, from its start on. */
  readonly peakBytes: number;
  /** What is left of the heap when all is done. */
  readonly heapBytes: number;
}

const [seed, warmUpSeed] = [21, 22];
const warmUpEvents = { memory: 20_000, dynalite: 500 } as const;

async function run(order: Order): Promise<Outcome> {
  const { store, pack, events } = order;
  const start = await startOf(designs.find(({ name }) => name === order.design)!);
  const emulators = store === 'memory' ? null : await startEmulators();
  const setting = { store, pack, endpoints: emulators?.endpoints ?? null };
  const warm = await start({ ...setting, name: 'warm-up' });
  const some = Math.min(events, warmUpEvents[store]);
  await feed(warm, deliveries({ events: some, pack, seed: warmUpSeed }));

  const started = await start({ ...setting, name: 'run' });
  await emulators?.take();
  const fed = await feed(started, deliveries({ events, pack, seed }));
  const counted = (await emulators?.take()) ?? { calls: 0, writeUnits: 0, storedBytes: 0 };
  // Kilobytes.
  const peakBytes = process.resourceUsage().maxRSS * 1_024;
  globalThis.gc?.();
  const heapBytes = process.memoryUsage().heapUsed + process.memoryUsage().external;
  const answer = await started.answer();
  await emulators?.stop();
  return { ...order, ...fed, ...counted, peakBytes, heapBytes, answer };
}

/** The emulators in a process of their own, so that their time is not the design's. */
async function startEmulators() {
  const child = fork(new URL('emulators.ts', import.meta.url));
  const [endpoints] = (await once(child, 'message')) as [Listening];
  return {
    endpoints,
    take: async (): Promise<Counted> => {
      child.send('take');
      const [counted] = (await once(child, 'message')) as [Counted];
      return counted;
    },
    stop: async (): Promise<void> => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

process.once('message', async (order: Order) => {
  process.send?.(await run(order), () => process.disconnect());
});
