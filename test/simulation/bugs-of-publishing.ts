import type { Bug } from './bugs.ts';
import { publishers, retention, rounds } from './rich-schedules.ts';

const publisher = 'core/finals/view-publisher.ts';

/** Bugs in what is published when. */
export const publishingBugs: readonly Bug[] = [
  {
    id: 'cursor-before-the-send',
    what: 'the cursor is moved before its rows are sent, so a crash between the two loses them',
    patches: [
      {
        file: publisher,
        find: `      const sent = await this.sendSlice(stored, slice);
      if (sent === null) return false;
      const moved = await this.move({ ...cursor, finalTo: slice.finalTo, after: null }, sent);
      if (moved === null) return false;`,
        replace: `      const next = { ...cursor, finalTo: slice.finalTo, after: null };
      const moved = await this.move(next, stored);
      if (moved === null) return false;
      const sent = await this.sendSlice(moved, slice);
      if (sent === null) return false;`,
      },
    ],
    ...{ seedsMax: 500, from: 1 },
  },
  {
    id: 'published-by-start',
    what: 'a range of ends is read as a range of starts',
    patches: [
      {
        file: 'core/finals/slice.ts',
        find: 'finalTo - lateness - window.windowMax)',
        replace: 'finalTo - lateness - window.unit)',
      },
    ],
    ...{ seedsMax: 500, from: 1 },
  },
  {
    id: 'published-by-the-list-alone',
    what: 'rows are published as final by a read that has not yet seen them whole',
    patches: [
      ...[rounds, publishers],
      {
        file: 'core/finals/slice.ts',
        find: 'index < 0) ? timeMin : finalTo;',
        replace: 'index < 0) ? Number.MAX_VALUE : Math.max(finalTo, Number.MAX_VALUE);',
      },
    ],
    ...{ seedsMax: 300, from: 2_200 },
  },
  {
    id: 'skipped-what-was-not-seen',
    what: 'where the next rows are is taken from a read that is behind',
    patches: [
      ...[rounds, publishers],
      {
        file: publisher,
        find: 'until = Math.min(until, sought.finalTo);',
        replace: 'until = Math.min(until, sought.finalTo > 0 ? until : until);',
      },
    ],
    ...{ seedsMax: 300, from: 2_200 },
  },
  {
    id: 'place-without-key',
    what: 'who goes on in the midst of a window takes all of its rows for sent',
    patches: [
      {
        file: 'core/finals/due.ts',
        find: 'of a.key.entries()) {',
        replace: 'of a.key.slice(9).entries()) {',
      },
    ],
    ...{ seedsMax: 500, from: 1 },
  },
  {
    id: 'published-in-part',
    what: 'a publisher with an old cursor sends what is left of a session for the whole of it',
    patches: [
      ...[retention, rounds],
      {
        file: 'core/finals/slice.ts',
        find: 'return removed <= timeMin ? from : Math.max(from, removed + window.before);',
        replace: 'return from;',
      },
    ],
    ...{ seedsMax: 500, from: 6_150 },
  },
];
