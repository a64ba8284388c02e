import type { Duration } from '../duration.ts';
import { Aligned } from './aligned.ts';

/** Windows of activity: events of a key that are closer together than `gap` are in one. */
export interface Session {
  readonly kind: 'session';
  readonly gap: Duration;
  readonly longest?: Duration;
}

/**
 * Session windows: from a key's first event to `gap` after its last. A chain of events whose window would be longer
 * than `longest`, a multiple of `gap`, is cut at the multiples of `longest` since 1970-01-01 UTC. Default of
 * `longest`: the least multiple of `gap` that is at least a day.
 */
export function session(options: { readonly gap: Duration; readonly longest?: Duration }): Session {
  return { ...options, kind: 'session' };
}

/**
 * Session windows over panes of the length of the gap: the events of one key in one pane are all closer together
 * than the gap, so a pane holds one fragment of a session at most, and its first and last event tell whether it
 * meets the next one.
 */
export class SessionPlan extends Aligned {
  readonly gap: number;
  readonly longest: number;

  /** Milliseconds; `longest` a multiple of `gap`. */
  constructor(gap: number, longest: number) {
    super(gap, 0, {
      kind: 'session',
      // An event is late by its own time, so that a duplicate is as soon as the lateness is over.
      ...{ paneMax: 0, windowMax: longest },
      // What is seen of a chain that goes on beyond is then longer than `longest`, so it is cut all the same.
      ...{ before: longest + gap, after: longest + gap },
      shape: { gap },
      json: { kind: 'session', gapSeconds: gap / 1000, longestSeconds: longest / 1000 },
    });
    this.gap = gap;
    this.longest = longest;
  }

  override deadline(time: number): number {
    return time;
  }
}

const day = 86_400_000;

/** The longest session, milliseconds, where a definition does not say. */
export function longestDefault(gap: number): number {
  return Math.max(2, Math.ceil(day / gap)) * gap;
}
