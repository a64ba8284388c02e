import { defaultLimits } from '../../core/limits.ts';
import type { Idle } from '../../core/plan.ts';
import type { Random } from '../../testing/simulation/random.ts';
import type { WorldSetup } from '../../testing/simulation/world.ts';
import { type Log, makeChild, makeLog } from './log.ts';

/** All that one schedule is made of, drawn from its seed. */
export interface Setup extends WorldSetup {
  readonly logs: readonly Log[];
  /** Processor instances per partition at the start, and how many batches each takes. */
  readonly owners: number;
  readonly deliveries: number;
  readonly readers: number;
  readonly polls: number;
  readonly compactors: number;
  readonly compactions: number;
  /** Rounds of maintenance, which ticks idle partitions and raises what is final. */
  readonly rounds: number;
  /** Those who publish rows once they are final, and how often each does. */
  readonly publishers: number;
  readonly publications: number;
  readonly idle: Idle;
  /** The step before which days pass and the store removes what expired; 0 for never. */
  readonly jumpAt: number;
  /** Whether they pass while a reader is about to read entries that they remove. */
  readonly jumpOnRead: boolean;
  /** Whether windows expire and are rolled up. */
  readonly kept: boolean;
}

/** Lets windows expire in some schedules, with maintenance that makes them; `random` is not that of the rest. */
export function withRetention(setup: Setup, random: Random): Setup {
  if (!random.chance(0.2)) return setup;
  const rounds = setup.rounds > 0 ? setup.rounds : random.int(3, 6);
  return { ...setup, kept: true, rounds, polls: setup.polls + 6 };
}

/** Draws a schedule: most are mixed, some lack a kind of fault altogether so that others come to bear. */
export function drawSetup(random: Random): Setup {
  const partitions = random.chance(0.25) ? 2 : 1;
  const share = partitions === 2 ? 0.6 : 1;
  const rate = (most: number): number => (random.chance(0.35) ? 0 : random.next() * most);
  const jumps = random.chance(0.4);
  const contiguous = random.chance(0.5);
  const logs = Array.from({ length: partitions }, (_, partition) =>
    makeLog(random, { partition, contiguous, records: Math.round(random.int(4, 9) * share) }),
  );
  const setup: Omit<Setup, 'logs' | 'rounds' | 'publishers' | 'publications' | 'idle'> = {
    contiguous,
    owners: random.int(1, partitions === 2 ? 2 : 3),
    deliveries: random.int(1, 3) + (jumps ? 2 : 0),
    readers: random.chance(0.7) ? 1 : 2,
    polls: random.int(1, 3) + (jumps ? 1 : 0),
    compactors: random.int(0, 2),
    compactions: random.int(1, 2),
    limits: {
      ...defaultLimits,
      compactEntries: random.int(1, 5),
      entryRowsMax: random.chance(0.4) ? random.int(12, 20) : 50_000,
      entryBytesMax: random.chance(0.3) ? random.int(3_850, 4_700) : 380_000,
    },
    pageBytesMax: random.chance(0.7) ? 120 : 380_000,
    rates: {
      throttled: rate(0.06),
      unavailable: rate(0.06),
      lost: rate(0.12),
      crashBefore: rate(0.03),
      crashAfter: rate(0.04),
      frozen: rate(0.05),
      pause: rate(0.01),
      stale: rate(0.9),
    },
    writers: random.pick(['strong', 'session', 'eventual']),
    queries: random.pick(['strong', 'session', 'session']),
    jumpAt: jumps ? random.int(20, 80) : 0,
    jumpOnRead: random.chance(0.5),
    skew: random.chance(0.5) ? 0 : 300_000,
    kept: false,
  };
  const rounds = random.chance(0.25) ? random.int(3, 6) : 0;
  const fork = random.fork();
  return {
    ...setup,
    publishers: rounds > 0 && fork.chance(0.6) ? fork.int(1, 2) : 0,
    publications: fork.int(2, 4),
    logs: random.chance(0.15) ? resharded(random, logs, contiguous) : logs,
    rounds,
    // Who looks while things become final.
    polls: setup.polls + (rounds > 0 ? 4 : 0),
    idle: random.chance(0.7) ? 'hold' : 'clock',
  };
}

/** One partition is split, or two are merged. */
function resharded(random: Random, logs: readonly Log[], contiguous: boolean): Log[] {
  const parents = [...logs.keys()];
  const children = parents.length === 1 ? [1, 2] : [2];
  const made = children.map((partition) =>
    makeChild(random, logs, parents, { partition, contiguous, records: random.int(2, 4) }),
  );
  return [...logs, ...made];
}
