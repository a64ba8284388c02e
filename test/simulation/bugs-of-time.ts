import type { Bug } from './bugs.ts';

const finality = 'core/finality.ts';

/** Bugs in ticks and in what is called final. */
export const timeBugs: readonly Bug[] = [
  {
    id: 'final-by-the-list-alone',
    what: 'a read calls final what it has not yet seen whole',
    patches: [
      {
        file: 'core/query/standing.ts',
        find: 'one.index < 0 ? least : Math.min(least, one.watermark)',
        replace: 'one === null ? 0 : least',
      },
    ],
    ...{ seedsMax: 500, from: 21_500 },
  },
  {
    id: 'final-by-the-fastest',
    what: 'what is final goes by the fastest partition',
    patches: [
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
    ...{ seedsMax: 500, from: 400 },
  },
  {
    id: 'tick-by-an-old-look',
    what: 'a tick takes the number of an entry that has come and gone since',
    patches: [{ file: finality, find: 'const due = isFresh && idle', replace: 'const due = idle' }],
    ...{ seedsMax: 500, from: 35_300 },
  },
  {
    id: 'tick-behind-the-end',
    what: 'a partition that is sealed is ticked',
    patches: [
      {
        file: 'core/round.ts',
        find: 'if (status.active && status.end === null) {',
        replace: 'if (status.active) {',
      },
    ],
    ...{ seedsMax: 500, from: 32_600 },
  },
  {
    id: 'lost-tick-counts',
    what: 'a tick that lost against an entry is taken for made',
    patches: [
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
    ...{ seedsMax: 500, from: 21_500 },
  },
];
