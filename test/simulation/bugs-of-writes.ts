import type { Bug } from './bugs.ts';

const process = 'core/process.ts';
const commit = 'core/commit.ts';
const load = 'core/journal/load.ts';
const compact = 'core/view/compact.ts';

/** Bugs in loading, committing and compacting. */
export const writeBugs: readonly Bug[] = [
  {
    id: 'no-absence-condition',
    what: 'an entry is put over the one that another writer has put at its number',
    patches: [
      {
        file: commit,
        find: '() => store.create(key, bytes, expiresAt)',
        replace: `async () => {
      const there = await store.read(key);
      return there
        ? store.replace(key, bytes, there.version, expiresAt)
        : store.create(key, bytes, expiresAt);
    }`,
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'conflict-not-reloaded',
    what: 'after a lost race the entry goes to the next number, as if the winner had not been',
    patches: [
      {
        file: commit,
        find: 'const state = await this.reload(warm.state, this.conflicts);',
        replace: 'const state = { ...warm.state, index: warm.state.index + 1 };',
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'acknowledged-before-commit',
    what: 'a batch that failed is acknowledged to its end',
    patches: [
      {
        file: process,
        find: '{ next: commit.committed ?? start, failure',
        replace: '{ next: { position: batch.records.at(-1).position + 1n, line: 0 }, failure',
      },
    ],
    seedsMax: 200,
  },
  {
    id: 'gap-ignored',
    what: 'records that the platform skipped are taken for none',
    patches: [
      {
        file: 'core/gap.ts',
        find: 'first.position <= next.position',
        replace: 'true',
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'short-read-lost',
    what: 'records that a short read did not give are taken for lost',
    patches: [{ file: 'core/gap.ts', find: 'if (earliest < found)', replace: 'if (false)' }],
    ...{ seedsMax: 500, from: 200 },
  },
  {
    id: 'warm-for-ever',
    what: 'a warm state is trusted for days, when the entries behind it may be gone',
    patches: [
      {
        file: process,
        find: 'return age <= limits.warmStateSecondsMax * 1000 ? warm : null;',
        replace: 'return age <= Number.POSITIVE_INFINITY ? warm : null;',
      },
    ],
    ...{ seedsMax: 500, from: 5_780 },
  },
  {
    id: 'ids-not-rebuilt',
    what: 'a cold load takes the head and forgets the ids of the entries before it',
    patches: [
      {
        file: load,
        find: 'else entry.fingerprints.addTo(state.seen, state.watermark);',
        replace: '',
      },
    ],
    seedsMax: 200,
  },
  {
    id: 'horizon-too-new',
    what: 'the horizon is the newest entry with live ids instead of the oldest',
    patches: [
      {
        file: 'core/journal/head.ts',
        find: 'head.horizon[0]?.index',
        replace: 'head.horizon.at(-1)?.index',
      },
    ],
    seedsMax: 2_000,
  },
  {
    id: 'load-hole-ignored',
    what: 'a load goes on with what a stale read gave, holes and all',
    patches: [
      {
        file: load,
        find: 'if (sort !== entrySort(next)) return { next, whole: false };',
        replace: '',
      },
    ],
    ...{ seedsMax: 500, from: 150 },
  },
  {
    id: 'compaction-hole-ignored',
    what: 'a compaction steps over an entry that it does not see yet',
    patches: [
      {
        file: compact,
        find: 'if (item.sort !== entrySort(upTo + 1 + entries.length)) break;',
        replace: '',
      },
    ],
    seedsMax: 2_000,
  },
  {
    id: 'page-merged-twice',
    what: 'an entry is merged into a page that holds it already',
    patches: [
      {
        file: compact,
        find: 'parts.filter((part) => part.entry > page.upTo)',
        replace: 'parts',
      },
    ],
    seedsMax: 100,
  },
  {
    id: 'page-version-ignored',
    what: 'a page is replaced whatever its version is by now',
    patches: [
      {
        file: compact,
        find: 'item ? await store.replace(key, body, item.version) :',
        replace: 'item ? await store.replace(key, body, (await store.read(key)).version) :',
      },
    ],
    seedsMax: 500,
  },
  {
    id: 'head-before-pages',
    what: 'the head moves before the pages are written',
    patches: [
      {
        file: compact,
        find: '  let pages = 0;\n',
        replace: `  let pages = 0;
  await writeHead(context, partition, headAfter(context, stored, entries), stored);
`,
      },
    ],
    seedsMax: 100,
  },
  {
    id: 'use-carried-twice',
    what: 'what an entry says was used is said again when nobody knows what became of the entry',
    patches: [
      {
        file: 'core/journal/tally.ts',
        find: 'if (!written && this.doubts === doubts) this.add(kept);',
        replace: 'if (!written) this.add(kept);',
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'records-recounted',
    what: 'a record whose rest is in a later entry counts in both',
    patches: [
      {
        file: 'core/journal/tally.ts',
        find: 'position >= to.position) continue;',
        replace: 'position > to.position) continue;',
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'references-twice',
    what: 'a reference to dead letters is kept once per compaction that meets it',
    patches: [
      {
        file: compact,
        find: 'refs.filter((ref) => ref.entry > page.upTo)',
        replace: 'refs',
      },
    ],
    seedsMax: 200,
  },
];
