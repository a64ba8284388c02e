import type { Bug } from './bugs.ts';

const snapshot = 'core/query/snapshot.ts';
const tail = 'core/query/tail.ts';
const headRead = 'const stored = await readHead(context, partition);\n';
const tailOf = 'context, partition, stored?.head.upTo ?? -1, withRows, cache.tails';

/** Bugs in reading. */
export const readBugs: readonly Bug[] = [
  {
    id: 'head-read-last',
    what: 'the head is read after the pages, so what a compaction moved in between is lost',
    patches: [
      {
        file: snapshot,
        find: `${headRead}    const list = range ? await readPages(context, partition, stored,`,
        replace: `const early = await readHead(context, partition);
    const list = range ? await readPages(context, partition, early,`,
      },
      {
        file: snapshot,
        find: '    if (range !== null && list === null) continue;\n',
        replace: `    if (range !== null && list === null) continue;\n    ${headRead}`,
      },
    ],
    seedsMax: 2_000,
  },
  {
    id: 'page-behind-tail-unchecked',
    what: 'an entry of the tail counts although its page holds it already',
    patches: [
      {
        file: snapshot,
        find: 'entry.index > (upTo.get(floor(rows.starts[row] as number, view)) ?? -1)',
        replace: 'entry.index > -1',
      },
    ],
    seedsMax: 200,
  },
  {
    id: 'old-pages-new-head',
    what: 'cached pages are combined with a newer head',
    patches: [
      {
        file: snapshot,
        find: 'if (listed?.head === head) return listed;',
        replace: 'if (listed !== undefined) return listed;',
      },
    ],
    seedsMax: 200,
  },
  {
    id: 'tail-before-pages',
    what: 'the tail is read before the pages, and that a page is ahead of it goes unseen',
    patches: [
      {
        file: snapshot,
        find: 'const list = range ?',
        replace: `const tail = await readTail(${tailOf});
    const list = range ?`,
      },
      {
        file: snapshot,
        find: `continue;
    // The tail comes last, so that no page holds an entry behind it: the answer is exactly one prefix of the journal.
    const tail = await readTail(${tailOf});
`,
        replace: 'continue;\n',
      },
      { file: snapshot, find: 'if (list !== null && list.upTo > last) continue;', replace: '' },
    ],
    ...{ seedsMax: 500, from: 350 },
  },
  {
    id: 'tail-hole-ignored',
    what: 'a tail of which the store has removed entries is taken for whole',
    patches: [
      {
        file: tail,
        find: 'if (item.sort !== entrySort(first + i)) return null;',
        replace: '',
      },
    ],
    seedsMax: 4_000,
  },
  {
    id: 'cache-of-all-partitions',
    what: 'entries of different partitions share a name in the cache',
    patches: [
      {
        file: tail,
        find: 'const entry of tails.get(pk) ?? []',
        replace: "const entry of tails.get('') ?? []",
      },
      {
        file: tail,
        find: 'tails.set(pk, entries)',
        replace: "tails.set('', entries)",
      },
    ],
    seedsMax: 100,
  },
];
