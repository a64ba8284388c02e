import { setTimeout as wait } from 'node:timers/promises';
import { Clock } from '../core/ports/clock.ts';

/** Longer timers fire at once in Node. Milliseconds. */
const timerMsMax = 2_147_483_647;

/** The real time. */
export class SystemClock extends Clock {
  override now(): number {
    return Date.now();
  }

  override async sleep(ms: number): Promise<void> {
    const until = performance.now() + ms;
    // A timer may fire up to a millisecond early, hence the loop.
    for (let left = ms; left > 0; left = until - performance.now()) {
      await wait(Math.min(Math.ceil(left), timerMsMax));
    }
  }
}
