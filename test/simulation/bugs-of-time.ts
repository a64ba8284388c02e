import type { Bug } from './bugs.ts';
import { days, families, rounds } from './rich-schedules.ts';

const finality = 'core/finality.ts';

/** Bugs in ticks and in what is called final. */
export const timeBugs: readonly Bug[] = [
  {
    id: 'final-by-the-list-alone',
    what: 'a read calls final what it has not yet seen whole',
    patches: [
      rounds,
      {
        file: 'core/query/standing.ts',
        find: 'one.index < 0 ? least : Math.min(least, one.watermark)',
        replace: 'one === null ? 0 : least',
      },
    ],
    ...{ seedsMax: 300, from: 1_700 },
  },
  {
    id: 'final-by-the-fastest',
    what: 'what is final goes by the fastest partition',
    patches: [
      rounds,
      {
        file: finality,
        find: 'const slowest = Math.min(...watermarks);',
        replace: 'const slowest = Math.max(...watermarks);',
      },
      {
        file: 'core/query/standing.ts',
        find: 'one.index < 0 ? least : Math.min(least, one.watermark)',
        replace: 'one === null ? 0 : least',
      },
    ],
    seedsMax: 2_000,
  },
  {
    id: 'tick-by-an-old-look',
    what: 'a tick takes the number of an entry that has come and gone since',
    patches: [
      rounds,
      days,
      { file: finality, find: 'const due = isFresh && idle', replace: 'const due = idle' },
    ],
    ...{ seedsMax: 500, from: 350 },
  },
  {
    id: 'tick-behind-the-end',
    what: 'a partition that is sealed is ticked',
    patches: [
      ...[rounds, families],
      {
        file: 'core/round.ts',
        find: 'if (status.active && status.end === null) {',
        replace: 'if (status.active) {',
      },
    ],
    ...{ seedsMax: 500, from: 3_850 },
  },
  {
    id: 'lost-tick-counts',
    what: 'a tick that lost against an entry is taken for made',
    patches: [
      rounds,
      {
        file: finality,
        find: 'watermarks.push(won ? target : status.watermark);',
        replace: 'watermarks.push(due ? target : status.watermark);',
      },
      {
        file: 'core/query/standing.ts',
        find: 'one.index < 0 ? least : Math.min(least, one.watermark)',
        replace: 'one === null ? 0 : least',
      },
    ],
    ...{ seedsMax: 500, from: 1_700 },
  },
  {
    id: 'final-of-what-is-not-seen',
    what: 'a stale read that finds nothing of a partition calls final what it lacks',
    patches: [
      ...[rounds, families],
      {
        file: 'core/query/standing.ts',
        find: 'if (finalTo > finalWhenListed && active.some(({ index }) => index < 0)) return timeMin;',
        replace: 'if (finalWhenListed > finalTo) return timeMin;',
      },
    ],
    ...{ seedsMax: 500, from: 6_800 },
  },
];
