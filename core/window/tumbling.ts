import type { Duration } from '../duration.ts';
import { Aligned } from './aligned.ts';
import type { WindowPlan } from './window.ts';

/** Windows of one length, side by side: each instant is in exactly one. */
export interface Tumbling {
  readonly kind: 'tumbling';
  readonly size: Duration;
  readonly offset?: Duration;
}

/**
 * Tumbling windows that start at multiples of `size` since 1970-01-01 UTC; with an `offset` below `size`, that much
 * later.
 */
export function tumbling(size: Duration, options: { readonly offset?: Duration } = {}): Tumbling {
  return { ...options, kind: 'tumbling', size };
}

/** Tumbling windows ready to run; lengths in milliseconds. */
export function tumblingPlan(size: number, offset: number): WindowPlan {
  const shifted = offset === 0 ? {} : { offset };
  return new Aligned(size, offset, {
    kind: 'tumbling',
    ...{ paneMax: size, windowMax: size, before: 0, after: 0 },
    shape: { size, ...shifted },
    json: { kind: 'tumbling', seconds: size / 1000, offsetSeconds: offset / 1000 },
  });
}
