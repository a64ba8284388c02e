import type { Random } from './random.ts';
import type { Call, Fault, Scheduler } from './scheduler.ts';

/** How likely a call meets each fault, 0 to 1. */
export interface Rates {
  readonly throttled: number;
  readonly unavailable: number;
  readonly lost: number;
  readonly crashBefore: number;
  readonly crashAfter: number;
  readonly frozen: number;
  /** That time jumps by minutes before a step. */
  readonly pause: number;
  /** That a read is behind, where the store allows it. */
  readonly stale: number;
}

/** What chance depends on. */
export interface Chances {
  readonly random: Random;
  readonly setup: { readonly rates: Rates };
  readonly scheduler: Scheduler;
}

/** Meets every call with the faults that the rates allow. */
export function byChance(call: Call, { random, setup, scheduler }: Chances): Fault {
  const { rates } = setup;
  if (random.chance(rates.pause)) scheduler.now += random.int(60_000, 1_200_000);
  if (call.port === 'clock') return 'none';
  // Between its batches an instance may lie idle for long, with a state that grows old.
  if (call.port === 'turn') {
    return call.thawAt === 0 && random.chance(rates.frozen * 3) ? 'frozen' : 'none';
  }
  let chance = random.next();
  const meets = (rate: number): boolean => {
    chance -= rate;
    return chance < 0;
  };
  if (meets(rates.throttled)) return 'throttled';
  if (meets(rates.unavailable)) return 'unavailable';
  if (call.writes && meets(rates.lost)) return 'lost';
  if (meets(rates.crashBefore)) return 'crash-before';
  if (call.writes && meets(rates.crashAfter)) return 'crash-after';
  if (call.thawAt === 0 && meets(rates.frozen)) return 'frozen';
  return 'none';
}
