import type { Bug } from './bugs.ts';

const snapshot = 'core/query/snapshot.ts';

/** Bugs in rollups and in what expires. */
export const retentionBugs: readonly Bug[] = [
  {
    id: 'rollup-without-upto',
    what: 'a page of a rollup takes entries that it holds already',
    patches: [
      {
        file: 'core/view/compact.ts',
        find: 'parts.filter((part) => part.entry > page.upTo)',
        replace: 'parts.filter((part) => part.entry > page.upTo || view.window.grain === 20_000)',
      },
    ],
    seedsMax: 500,
  },
  {
    id: 'tail-not-rolled-up',
    what: 'rows of the tail stay in their fine windows where coarse ones are asked for',
    patches: [
      {
        file: snapshot,
        find: 'for (const part of partsOf(index, view, tail, list.pages)) mergeInto(rows, part);',
        replace: 'for (const part of partsOf(index, view, tail, list.pages)) rows.merge(part);',
      },
    ],
    seedsMax: 500,
  },
  {
    id: 'expired-by-the-watermark',
    what: 'what expires goes by the watermark of a read, which falls when a partition is new',
    patches: [
      {
        file: 'core/query/retention.ts',
        find: 'if (finalTo < timeMax) return finalTo;',
        replace: 'if (finalTo < timeMax) return Math.max(finalTo, watermark);',
      },
    ],
    seedsMax: 500,
  },
  {
    id: 'removed-unseen',
    what: 'a read does not look again at the head, so it takes pages that went meanwhile for empty',
    patches: [
      {
        file: snapshot,
        find: 'view.retain === null ? stored : await readHead(context, partition)',
        replace: 'stored',
      },
    ],
    ...{ seedsMax: 500, from: 2_650 },
  },
  {
    id: 'removed-while-kept',
    what: 'a page is removed as soon as its windows are final',
    patches: [
      {
        file: 'core/view/expire.ts',
        find: 'const last = passed - retain - window.reach;',
        replace: 'const last = passed - window.reach;',
      },
    ],
    seedsMax: 500,
  },
];
