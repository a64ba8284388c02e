import { eventTimeMin, timeMax } from '../event.ts';
import type { WindowPlan } from './window.ts';

/** One window of all time. */
export interface Global {
  readonly kind: 'global';
}

/** One row per key for all time. It is final when the stream has ended, and no event is late for it. */
export function global(): Global {
  return { kind: 'global' };
}

/** The global window ready to run. */
export const globalPlan: WindowPlan = {
  kind: 'global',
  paneStart: () => eventTimeMin,
  paneEnd: () => timeMax,
  deadline: () => timeMax,
  pageStart: () => eventTimeMin,
  pageEnd: () => timeMax,
  ...{ paneMax: Number.POSITIVE_INFINITY, windowMax: Number.POSITIVE_INFINITY },
  ...{ before: 0, after: 0, reach: 0, unit: 1, origin: eventTimeMin, grain: 0 },
  shape: { global: true },
  json: { kind: 'global' },
};
