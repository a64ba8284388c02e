#!/usr/bin/env node
/** One run of one design in a process of its own, which tells its parent what it took. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Context, KinesisStreamRecord } from 'aws-lambda';
import type { Answer } from './answer.ts';
import type { Setting, Started, StoreKind } from './design.ts';
import { designs, startOf } from './designs.ts';
import type { Counted, Listening } from './dynalite-server.ts';
import { deliveries } from './input.ts';

/** What to run. */
export interface Order {
  readonly design: string;
  readonly store: StoreKind;
  readonly pack: number;
  readonly events: number;
}

/** What a run took. */
export interface Outcome extends Order {
  readonly answer: Answer;
  /** CPU time of the process in its handler, all threads. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly calls: number;
  readonly writeUnits: number;
  readonly storedBytes: number;
  /** The most memory that the process had, from its start on. */
  readonly peakBytes: number;
  /** What is left of the heap when all is done. */
  readonly heapBytes: number;
  /** Records that were delivered again since the handler said so. */
  readonly again: number;
}

const attemptsMax = 20;
const invocationMs = 60_000;
const [seed, warmUpSeed] = [21, 22];
const warmUpEvents = { memory: 20_000, dynalite: 500 } as const;

/** Feeds batches as Lambda does: on failures, once more from the first of them on. */
async function feed(
  { handler }: Started,
  batches: Iterable<KinesisStreamRecord[]>,
): Promise<Pick<Outcome, 'cpuMs' | 'wallMs' | 'again'>> {
  let [cpuMs, wallMs, again] = [0, 0, 0];
  for (const batch of batches) {
    let Records = batch;
    for (let attempt = 0; Records.length > 0; attempt += 1) {
      if (attempt === attemptsMax) throw new Error('a batch fails for ever');
      const until = Date.now() + invocationMs;
      const context = { getRemainingTimeInMillis: () => until - Date.now() } as Context;
      const [from, before] = [performance.now(), process.cpuUsage()];
      const answer = await handler({ Records }, context);
      const { user, system } = process.cpuUsage(before);
      wallMs += performance.now() - from;
      cpuMs += (user + system) / 1_000;
      const failed = new Set(answer?.batchItemFailures.map((one) => one.itemIdentifier));
      const first = Records.findIndex(({ kinesis }) => failed.has(kinesis.sequenceNumber));
      if (first === -1 && failed.size > 0) throw new Error('a failure of no record');
      Records = first === -1 ? [] : Records.slice(first);
      again += Records.length;
    }
  }
  return { cpuMs, wallMs, again };
}

async function run(order: Order): Promise<Outcome> {
  const design = designs.find(({ name }) => name === order.design)!;
  const start = await startOf(design);
  const { store, pack, events } = order;
  const dynalite = store === 'memory' ? null : await startDynalite();
  const setting: Omit<Setting, 'name'> = { store, pack, endpoint: dynalite?.endpoint ?? '' };
  const warm = await start({ ...setting, name: 'warm-up' });
  const some = Math.min(events, warmUpEvents[store]);
  await feed(warm, deliveries({ events: some, pack, seed: warmUpSeed }));
  await warm.stop?.();

  const started = await start({ ...setting, name: 'run' });
  const otherBefore = started.otherCalls?.() ?? 0;
  await dynalite?.take();
  const fed = await feed(started, deliveries({ events, pack, seed }));
  const other = (started.otherCalls?.() ?? 0) - otherBefore;
  const counted = (await dynalite?.take()) ?? { calls: 0, writeUnits: 0, storedBytes: 0 };
  // Kilobytes.
  const peakBytes = process.resourceUsage().maxRSS * 1_024;
  globalThis.gc?.();
  const heapBytes = process.memoryUsage().heapUsed + process.memoryUsage().external;
  const answer = await started.answer();
  await started.stop?.();
  await dynalite?.stop();
  const calls = counted.calls + other;
  return { ...order, ...fed, ...counted, calls, peakBytes, heapBytes, answer };
}

/** The emulator in a process of its own, so that its time is not the design's. */
async function startDynalite() {
  const child: ChildProcess = fork(new URL('dynalite-server.ts', import.meta.url));
  const [{ endpoint }] = (await once(child, 'message')) as [Listening];
  return {
    endpoint,
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
