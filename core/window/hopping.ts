import type { Duration } from '../duration.ts';
import { Aligned } from './aligned.ts';
import type { WindowPlan } from './window.ts';

/** Windows of one length that overlap: a new one starts every `slide`. */
export interface Hopping {
  readonly kind: 'hopping';
  readonly size: Duration;
  readonly slide: Duration;
  readonly offset?: Duration;
}

/**
 * Hopping windows of `size`, a multiple of `slide`, that start at multiples of `slide` since 1970-01-01 UTC; with an
 * `offset` below `slide`, that much later. Panes of `slide` are stored, once; windows are merged from them when they
 * are read.
 */
export function hopping(options: {
  readonly size: Duration;
  readonly slide: Duration;
  readonly offset?: Duration;
}): Hopping {
  return { ...options, kind: 'hopping' };
}

/** Hopping windows ready to run; lengths in milliseconds. */
export function hoppingPlan(size: number, slide: number, offset: number): WindowPlan {
  const shifted = offset === 0 ? {} : { offset };
  const seconds = { seconds: size / 1000, slideSeconds: slide / 1000 };
  return new Aligned(slide, offset, {
    kind: 'hopping',
    ...{ paneMax: slide, windowMax: size, before: 0, after: size - slide },
    // As of tumbling windows of the slide: the size is a matter of reading alone.
    shape: { size: slide, ...shifted },
    json: { kind: 'hopping', ...seconds, offsetSeconds: offset / 1000 },
  });
}
