/** A seeded source of chance: the same seed gives the same numbers, on every host. */
export class Random {
  private state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not give similar runs.
    this.state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.floor(seed / 0x1_0000_0000);
  }

  /** 0 <= next() < 1 (mulberry32). */
  readonly next = (): number => {
    this.state = (this.state + 0x6d2b_79f5) | 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };

  /** Another source, for what is drawn beside: this one gives the same numbers as without. */
  fork(): Random {
    return new Random(this.state >>> 0);
  }

  /** An integer from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(0, values.length - 1)] as T;
  }
}
