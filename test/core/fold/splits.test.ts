import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StreamRecord } from '../../../core/event.ts';
import { decodeEntry, encodeEntry } from '../../../core/journal/entry-codec.ts';
import { emptyState } from '../../../core/journal/load.ts';
import { advance, type PartitionState } from '../../../core/journal/state.ts';
import type { Pipeline } from '../../../core/pipeline.ts';
import { contextOf, foldBatches, noon, type Outcome, record, rowsOf } from '../folding.ts';
import { minutes, patient } from './events.ts';

/** Events with few ids, keys and times, so that duplicates, late ones and dead letters are common. */
const event = fc.record({
  id: fc.integer({ min: 0, max: 40 }).map(String),
  at: fc.integer({ min: -120, max: 600 }).map((second) => noon + second * 1000),
  who: fc.constantFrom('a', 'b', 'c', '\u{1F600}', '\ud800'),
  n: fc.oneof(
    fc.integer({ min: -99, max: 99 }).map((n) => n / 4),
    fc.constant(2 ** 53),
  ),
});
const body = fc.oneof(
  { weight: 9, arbitrary: fc.array(event, { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom('[]', 'nonsense', '{}', [{}, 1]) },
);
const records = fc
  .array(fc.tuple(body, fc.integer({ min: 0, max: 700 }), fc.integer({ min: 1, max: 3 })), {
    maxLength: 30,
  })
  .map((parts) => {
    let position = 0;
    return parts.map(([content, arrival, gap]) => {
      position += gap;
      return record(position, content, noon + arrival * 1000);
    });
  });
/** Where batches end, and how far each goes back into the one before: redelivery. */
const cuts = fc.array(fc.tuple(fc.nat(30), fc.nat(4)), { maxLength: 8 });
const pipelines = fc.constantFrom<Pipeline>(minutes, patient);

function batchesOf(all: readonly StreamRecord[], at: readonly (readonly [number, number])[]) {
  const ends = [...at].sort(([a], [b]) => a - b);
  let from = 0;
  const batches = ends.map(([end, back]) => {
    const batch = all.slice(Math.max(0, from - back), end);
    from = Math.max(from, end);
    return batch;
  });
  return [...batches, all.slice(from)];
}

/** All that must not depend on how the records came. */
function essence(pipeline: Pipeline, { state, entries, dead, late }: Outcome) {
  const { next, watermark, arrival, counts } = state;
  return { next, watermark, arrival, counts, rows: rowsOf(pipeline, entries), dead, late };
}

test('however records are cut into batches and entries, state, rows and letters are the same', () => {
  fc.assert(
    fc.property(
      pipelines,
      records,
      cuts,
      fc.integer({ min: 2, max: 20 }),
      (pipeline, all, at, rows) => {
        const whole = essence(pipeline, foldBatches([all], contextOf(pipeline)));
        const small = contextOf(pipeline, { entryRowsMax: rows });
        expect(essence(pipeline, foldBatches([all], small))).toEqual(whole);
        expect(essence(pipeline, foldBatches(batchesOf(all, at), contextOf(pipeline)))).toEqual(
          whole,
        );
        expect(essence(pipeline, foldBatches(batchesOf(all, at), small))).toEqual(whole);
      },
    ),
    { numRuns: 100 },
  );
});

test('a state rebuilt from the bytes of its entries goes on as the one that was kept', () => {
  fc.assert(
    fc.property(pipelines, records, fc.nat(30), (pipeline, all, cut) => {
      const context = contextOf(pipeline, { entryRowsMax: 7 });
      const first = foldBatches([all.slice(0, cut)], context);
      const key = { partition: 'p', sort: 'e' };
      let cold: PartitionState = emptyState({ plan: pipeline.plan } as never);
      for (const entry of first.entries) {
        cold = advance(cold, decodeEntry(key, encodeEntry(key, entry, context), context));
      }
      const warm = foldBatches([all], context, first.state);
      const restarted = foldBatches([all], context, cold);
      expect(essence(pipeline, restarted)).toEqual(essence(pipeline, warm));
      expect(restarted.state.horizon).toEqual(warm.state.horizon);
    }),
    { numRuns: 100 },
  );
});

test('a watermark never goes back, and received is what came of the events', () => {
  fc.assert(
    fc.property(pipelines, records, (pipeline, all) => {
      const { entries, state, dead, late } = foldBatches(
        all.map((one) => [one]),
        contextOf(pipeline),
      );
      for (const [i, entry] of entries.entries()) {
        expect(entry.watermark).toBeGreaterThanOrEqual(
          entries[i - 1]?.watermark ?? entry.watermark,
        );
      }
      const { received, accepted, duplicates, filtered, deadLettered, views } = state.counts;
      expect(received).toBe(accepted + duplicates + filtered + deadLettered);
      expect(dead).toHaveLength(deadLettered);
      expect(late).toHaveLength(views.reduce((sum, view) => sum + view.late, 0));
    }),
    { numRuns: 100 },
  );
});
