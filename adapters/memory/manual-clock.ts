import { setImmediate as turn } from 'node:timers/promises';
import { Clock } from '../../core/ports/clock.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Virtual time: it stands still until it is set or advanced, and sleepers wake in the order of
 * their times.
 */
export class ManualClock extends Clock {
  private time: number;
  /** Ascending by time; those of one time in the order of their calls. */
  private readonly sleepers: Sleeper[] = [];

  /** `start`: epoch milliseconds. */
  constructor(start = 0) {
    super();
    this.time = start;
  }

  override now(): number {
    return this.time;
  }

  override sleep(ms: number): Promise<void> {
    if (!(ms > 0)) return Promise.resolve();
    const until = this.time + ms;
    return new Promise((wake) => {
      const index = this.sleepers.findIndex((sleeper) => sleeper.until > until);
      this.sleepers.splice(index < 0 ? this.sleepers.length : index, 0, { until, wake });
    });
  }

  /** When the next sleeper wakes, epoch milliseconds; null if none sleeps. */
  nextWake(): number | null {
    return this.sleepers[0]?.until ?? null;
  }

  /** Sets the time, also back, and wakes at once whoever slept until then. Epoch milliseconds. */
  set(time: number): void {
    this.time = time;
    while (this.sleepers[0] !== undefined && this.sleepers[0].until <= time) {
      this.sleepers.shift()?.wake();
    }
  }

  /**
   * Lets `ms` milliseconds pass step by step: at every time at which someone wakes, what they do
   * next runs (up to one turn of the event loop) before time goes on. So a loop of work and sleep
   * takes all its rounds.
   */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await turn();
    for (let next = this.nextWake(); next !== null && next <= end; next = this.nextWake()) {
      this.set(next);
      await turn();
    }
    this.set(end);
    await turn();
  }
}
