import type { Bug } from './bugs.ts';

const begin = 'core/begin.ts';
const commit = 'core/commit.ts';

/** Bugs in what partitions that are split or merged hand on to their children. */
export const familyBugs: readonly Bug[] = [
  {
    id: 'ids-not-inherited',
    what: 'children know nothing of the ids of their parents',
    patches: [
      { file: begin, find: "'genesis', before), inherited }", replace: "'genesis', before) }" },
    ],
    seedsMax: 200,
  },
  {
    id: 'ids-of-one-parent',
    what: 'a merge inherits the ids of its first parent alone',
    patches: [
      {
        file: begin,
        find: 'const inherited = parents.flatMap(',
        replace: 'const inherited = parents.slice(0, 1).flatMap(',
      },
    ],
    seedsMax: 1_000,
  },
  {
    id: 'inherited-not-in-head',
    what: 'a child forgets what it inherited with its first compaction',
    patches: [
      {
        file: 'core/journal/head.ts',
        find: 'encodeInherited(out, head.inherited);',
        replace: 'encodeInherited(out, []);',
      },
    ],
    ...{ seedsMax: 500, from: 180 },
  },
  {
    id: 'sealed-too-soon',
    what: 'a parent is sealed before all of it is in its journal',
    patches: [
      {
        file: commit,
        find: 'if (records.length > 0) warm = await this.run(warm, records);\n      else warm',
        replace: 'warm',
      },
    ],
    seedsMax: 200,
  },
  {
    id: 'sealed-after-a-short-read',
    what: 'a read that gave nothing is taken for the end of a parent',
    patches: [
      { file: commit, find: 'if (records.length > 0 || ended)', replace: 'if (ended !== null)' },
    ],
    seedsMax: 500,
  },
  {
    id: 'children-from-the-start',
    what: 'children begin before all time, and count what is late for their parents',
    patches: [
      {
        file: begin,
        find: 'const watermark = Math.max(finalTo, ...parents.map(({ state }) => state.watermark));',
        replace: 'const watermark = finalTo;',
      },
    ],
    seedsMax: 200,
  },
];
