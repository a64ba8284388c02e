import type { Duration } from '../duration.ts';

/** Windows of one length, side by side: each instant is in exactly one. */
export interface Tumbling {
  readonly kind: 'tumbling';
  readonly size: Duration;
}

/** Tumbling windows that start at multiples of `size` since 1970-01-01 UTC. */
export function tumbling(size: Duration): Tumbling {
  return { kind: 'tumbling', size };
}
