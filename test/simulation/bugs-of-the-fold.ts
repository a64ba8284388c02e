import type { Bug } from './bugs.ts';

const fold = 'core/fold/fold.ts';

/** Bugs in what becomes of an event. */
export const foldBugs: readonly Bug[] = [
  {
    id: 'position-off-by-one',
    what: 'the record at the next position is taken for one that was folded',
    patches: [
      {
        file: fold,
        find: 'if (last === null && record.position < begin) continue;',
        replace: 'if (last === null && record.position <= begin) continue;',
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'line-forgotten',
    what: 'a record that an entry ended within is folded again from its first line',
    patches: [
      { file: fold, find: 'record.position === begin ? state.next.line : 0', replace: '0' },
    ],
    seedsMax: 50,
  },
  {
    id: 'watermark-going-back',
    what: 'an older event takes the watermark back',
    patches: [
      {
        file: fold,
        find: 'if (claimed > court.watermark) court.watermark',
        replace: 'court.watermark',
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'watermark-by-fast-clock',
    what: 'a producer whose clock runs ahead takes the watermark with it',
    patches: [{ file: fold, find: 'Math.min(time, record.arrival)', replace: 'time' }],
    seedsMax: 50,
  },
  {
    id: 'lateness-by-batch-start',
    what: 'an event is late by the watermark at the start of its batch',
    patches: [
      {
        file: fold,
        find: '    limits,\n    watermark: state.watermark,',
        replace: '    limits,\n    first: state.watermark,\n    watermark: state.watermark,',
      },
      {
        file: 'core/fold/judge.ts',
        find: 'next.lateBy = court.watermark -',
        replace: 'next.lateBy = court.first -',
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'ids-of-a-failed-put',
    what: 'ids are in the set before their entry is committed, so a retry loses its own events',
    patches: [
      {
        file: fold,
        find: 'overlay.add(low, high, bucket, court.watermark);',
        replace: 'draft.state.seen.add(low, high, bucket, court.watermark);',
      },
    ],
    seedsMax: 50,
  },
  {
    id: 'ids-of-dead-letters',
    what: 'a dead letter leaves its id, so that it is a duplicate when it comes again',
    patches: [
      {
        file: fold,
        find: '    counts.deadLettered += 1;\n',
        replace: `    counts.deadLettered += 1;
    if (!Number.isNaN(judgement.time)) {
      const bucket = draft.overlay.bucketOf(judgement.time);
      draft.overlay.add(judgement.lanes[0], judgement.lanes[1], bucket, court.watermark);
      draft.fingerprints.add(judgement.lanes[0], judgement.lanes[1], bucket);
    }
`,
      },
    ],
    seedsMax: 200,
  },
  {
    id: 'liveness-by-memory',
    what: 'an id is a duplicate for as long as it happens to be in memory',
    patches: [
      {
        file: 'core/dedupe/seen.ts',
        find: 'return tag !== 0 && this.isLive(this.buckets[tag - 1] as number, watermark);',
        replace: 'return tag !== 0;',
      },
    ],
    seedsMax: 100,
  },
];
