import { defaultLimits } from '../../core/limits.ts';
import { Random } from '../../testing/simulation/random.ts';
import type { Call, Fault } from '../../testing/simulation/scheduler.ts';
import { makeLog } from './log.ts';
import { type Outcome, runSetup } from './schedule.ts';
import type { Setup } from './setup.ts';

/** The faults that strike at each step: an effect is not had, had and not told of, or had by one who is gone. */
export const kinds = ['crash-before', 'crash-after', 'lost', 'throttled'] as const;
type Kind = (typeof kinds)[number];

/** A fault at the effect of this number, from 1. */
export interface Strike {
  readonly at: number;
  readonly kind: Kind;
}

/** Chosen so that a clean run has 80 to 200 effects, and all that can happen among them (the test says what). */
const seed = 84;

/** Two owners of one partition, a compactor and a reader; entries are small, so batches are split. */
function setupOf(random: Random): Setup {
  return {
    contiguous: false,
    logs: [makeLog(random, { partition: 0, records: 7, contiguous: false })],
    owners: 2,
    deliveries: 3,
    readers: 1,
    polls: 3,
    compactors: 1,
    compactions: 2,
    ...{ rounds: 0, publishers: 0, publications: 0 },
    idle: 'hold',
    limits: { ...defaultLimits, compactEntries: 3, entryRowsMax: 13 },
    pageBytesMax: 100,
    rates: {
      ...{ throttled: 0, unavailable: 0, lost: 0, crashBefore: 0, crashAfter: 0 },
      ...{ frozen: 0, pause: 0, stale: 0 },
    },
    writers: 'session',
    queries: 'session',
    jumpAt: 0,
    jumpOnRead: false,
    skew: 0,
    kept: false,
  };
}

/** A run with these faults, and the number of effects that faults could have struck. */
export interface CrashRun extends Outcome {
  readonly strikable: number;
}

/** Runs the one schedule with faults at given effects; before the first of them it is the clean run. */
export async function crashRun(strikes: readonly Strike[], traced = false): Promise<CrashRun> {
  const random = new Random(seed);
  let strikable = 0;
  const faults = ({ port }: Call): Fault => {
    if (port !== 'store' && port !== 'objects' && port !== 'queue') return 'none';
    strikable += 1;
    return strikes.find(({ at }) => at === strikable)?.kind ?? 'none';
  };
  const outcome = await runSetup(seed, setupOf(random), random, faults, traced);
  return { ...outcome, strikable };
}

/** How the pairs of faults are covered. */
export type Coverage = 'some' | 'all';
/** How many combinations of two faults strike each pair of steps. */
const pairings: Readonly<Record<Coverage, number>> = { some: 2, all: 16 };

/**
 * The faults of one job, for a clean run of so many effects: first one fault of each kind at each step, then
 * every pair of steps. A pair is struck by all 16 combinations, or by two; over all pairs these are all 16 as well.
 */
export function jobOf(index: number, steps: number, coverage: Coverage): readonly Strike[] {
  const singles = steps * kinds.length;
  if (index < singles) {
    return [{ at: Math.floor(index / 4) + 1, kind: kinds[index % 4] as Kind }];
  }
  const per = pairings[coverage];
  const pair = Math.floor((index - singles) / per);
  const combination = (index - singles) % per;
  const [first, second] = pairOf(pair);
  const a = coverage === 'all' ? combination % 4 : (2 * combination + first) % 4;
  const b = coverage === 'all' ? combination >> 2 : a + first + second;
  return [
    { at: first, kind: kinds[a] as Kind },
    { at: second, kind: kinds[b % 4] as Kind },
  ];
}

/** The pair of that number in the order (1,2), (1,3), (2,3), (1,4) … */
function pairOf(pair: number): [number, number] {
  let second = Math.floor((Math.sqrt(8 * pair + 1) - 1) / 2);
  while ((second * (second + 1)) / 2 > pair) second -= 1;
  while (((second + 1) * (second + 2)) / 2 <= pair) second += 1;
  return [pair - (second * (second + 1)) / 2 + 1, second + 2];
}

/** The number of jobs. */
export function jobsOf(steps: number, coverage: Coverage): number {
  return steps * kinds.length + ((steps * (steps - 1)) / 2) * pairings[coverage];
}
