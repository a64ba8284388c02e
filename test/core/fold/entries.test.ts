import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import type { StreamRecord } from '../../../core/event.ts';
import { fold } from '../../../core/fold/fold.ts';
import { decodeEntry, encodeEntry } from '../../../core/journal/entry-codec.ts';
import { advance } from '../../../core/journal/state.ts';
import { beginning, contextOf, foldBatches, noon, record, recordsOf, rowsOf } from '../folding.ts';
import { minutes, patient, tick } from './events.ts';

const key = { partition: 'p', sort: 'e' };

function packed(count: number, changes: (i: number) => object = () => ({})): unknown[] {
  return Array.from({ length: count }, (_, i) => tick(i % 50, { who: `w${i}`, ...changes(i) }));
}

test('nothing beyond the state gives no entry', () => {
  const context = contextOf(minutes);
  const records = recordsOf([tick(0), tick(1)]);
  const { state } = foldBatches([records], context);
  expect(fold(state, records, context).entry).toBeNull();
  expect(fold(state, [], context).entry).toBeNull();
});

test('records that were folded are skipped, those behind them are not', () => {
  const context = contextOf(minutes);
  const [a, b, c, d] = recordsOf([tick(0), tick(1), tick(2), tick(3)]);
  const { state } = foldBatches([[a!, b!], [a!, b!, c!], [b!], [b!, c!, d!]], context);
  expect(state.counts).toMatchObject({ received: 4, accepted: 4, duplicates: 0 });
  expect(state.index).toBe(2);
});

test('records out of order are a bug of the host, and so is one twice', () => {
  const context = contextOf(minutes);
  const [a, b] = recordsOf([tick(0), tick(1)]) as [StreamRecord, StreamRecord];
  for (const records of [
    [b, a],
    [a, a],
  ]) {
    expect(() => fold(beginning(context), records, context)).toThrow(
      expect.objectContaining({ code: 'bug' }),
    );
  }
});

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
  'an arrival of %s is a bug of the host',
  (arrival) => {
    const context = contextOf(minutes);
    const records = [{ ...record(0, tick(0)), arrival }];
    expect(() => fold(beginning(context), records, context)).toThrow(
      expect.objectContaining({ code: 'bug' }),
    );
  },
);

test('positions need not be contiguous, and may be far beyond 2^53', () => {
  const far = 2n ** 100n;
  const context = contextOf(minutes);
  const records = [0n, 5n].map((by) => ({ ...record(0, tick(0)), position: far + by }));
  const { state, entries } = foldBatches([records], context);
  expect(state.next).toEqual({ position: far + 6n, line: 0 });
  const [entry] = entries;
  const bytes = encodeEntry(key, entry!, context);
  expect(decodeEntry(key, bytes, context).next).toEqual(state.next);
});

test('an entry ends within a record when its rows are full, and the next one goes on there', () => {
  const context = contextOf(minutes, { entryRowsMax: 10 });
  const events = packed(25);
  const { entries, state } = foldBatches([[record(4, events)]], context);
  expect(entries.map(({ next }) => next)).toEqual([
    { position: 4n, line: 10 },
    { position: 4n, line: 20 },
    { position: 5n, line: 0 },
  ]);
  expect(entries.map(({ from }) => from.line)).toEqual([0, 10, 20]);
  expect(state.counts).toMatchObject({ received: 25, accepted: 25 });
});

test('an entry that is full before a record begins ends there', () => {
  const context = contextOf(minutes, { entryRowsMax: 10 });
  const { entries } = foldBatches([[record(0, packed(10)), record(1, packed(10))]], context);
  expect(entries.map(({ next }) => next)).toEqual([
    { position: 1n, line: 0 },
    { position: 2n, line: 0 },
  ]);
});

test('a record folded in part is taken up at its line, never counted twice', () => {
  const context = contextOf(minutes, { entryRowsMax: 10 });
  const records = [record(0, packed(15)), record(1, packed(15))];
  const first = fold(beginning(context), records, context);
  expect(first.more).toBe(true);
  const half = advance(beginning(context), first.entry!);
  const { state } = foldBatches([records], context, half);
  expect(state.counts).toMatchObject({ received: 30, accepted: 30, duplicates: 0 });
});

test('equal keys share their row, so they do not fill an entry', () => {
  const context = contextOf(minutes, { entryRowsMax: 10 });
  const { entries } = foldBatches(
    [
      [
        record(
          0,
          packed(500, () => ({ who: 'same' })),
        ),
      ],
    ],
    context,
  );
  expect(entries).toHaveLength(1);
});

test.each([10_000, 50_000, 380_000])('no entry is over entryBytesMax: %i', (entryBytesMax) => {
  const context = contextOf(minutes, { entryBytesMax });
  // Texts that do not compress, in keys as long as may be.
  let seed = 1;
  const letter = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCodePoint(0x4e00 + ((seed >>> 11) % 20_000));
  };
  const long = () => ({ who: Array.from({ length: 341 }, letter).join(''), n: seed / 1024 });
  const records = [0, 1, 2].map((i) => record(i, packed(500, long)));
  const { entries, state } = foldBatches([records], context);
  expect(state.counts.accepted).toBe(1_500);
  for (const entry of entries) {
    expect(encodeEntry(key, entry, context).length).toBeLessThanOrEqual(entryBytesMax);
  }
  // Nor is the room wasted.
  expect(entries.length).toBeLessThan(4 + (1.2 * 1_500 * 1_100) / (entryBytesMax - 2_048));
});

test('an event whose rows alone are over the limit is a dead letter, wherever it stands', () => {
  const context = contextOf(minutes, { entryBytesMax: 2_500 });
  const big = tick(0, { who: 'x'.repeat(1_000) });
  const records = recordsOf([tick(0), big, tick(1), big]);
  const { state, dead } = foldBatches([records], context);
  expect(dead.map(({ reason, position }) => [reason, position])).toEqual([
    ['too-large', '1'],
    ['too-large', '3'],
  ]);
  expect(state.counts).toMatchObject({ received: 4, accepted: 2, deadLettered: 2 });
});

test('an event of more rows than an entry may hold is a dead letter', () => {
  const spread = definePipeline({
    name: 'spread',
    schema: Type.Object({ id: Type.String(), at: Type.Number(), n: Type.Number() }),
    ...{ id: 'id', time: 'at', partitionKey: 'id' },
    transform: (e) => Array.from({ length: e.n }, (_, part) => ({ part })),
    views: (on) => ({
      v: on.view({ key: ['part'], window: tumbling('1m'), measures: { c: on.count() } }),
    }),
  });
  const context = contextOf(spread, { entryRowsMax: 10 });
  const events = [tick(0, { n: 10 }), tick(0, { n: 11 }), tick(0, { n: 3 })];
  const { state, entries, dead } = foldBatches([recordsOf(events)], context);
  expect(dead.map(({ reason }) => reason)).toEqual(['too-large']);
  expect(state.counts).toMatchObject({ received: 3, accepted: 2, deadLettered: 1 });
  for (const entry of entries) {
    expect(() => decodeEntry(key, encodeEntry(key, entry, context), context)).not.toThrow();
  }
});

test('a late event as large as a record may be is late, not dead', () => {
  const context = contextOf(minutes);
  const big = tick(0, { text: 'x'.repeat(600_000) });
  const { state, late, dead } = foldBatches([recordsOf([tick(80), big, big])], context);
  expect(dead).toEqual([]);
  expect(late).toHaveLength(1);
  expect(state.counts).toMatchObject({ accepted: 2, duplicates: 1 });
});

test('dead letters and late events end an entry before their object is too large', () => {
  const context = contextOf(minutes, { objectBytesMax: 50_000 });
  const dead = Array.from({ length: 40 }, () => ({ text: 'x'.repeat(2_000) }));
  const late = Array.from({ length: 40 }, () => tick(0, { text: 'y'.repeat(2_000) }));
  let state = beginning(context);
  const records = recordsOf([tick(80), ...dead, ...late]);
  let entries = 0;
  for (;;) {
    const folded = fold(state, records, context);
    if (folded.entry === null) break;
    entries += 1;
    for (const kept of [folded.dead, folded.late]) {
      const bytes = kept.reduce((sum, { json }) => sum + Buffer.byteLength(json) + 1, 0);
      expect(bytes).toBeLessThanOrEqual(50_000);
    }
    state = advance(state, folded.entry);
  }
  expect(entries).toBeGreaterThan(3);
  expect(state.counts).toMatchObject({ received: 81, accepted: 41, deadLettered: 40 });
});

test('the arrival of an entry is that of its last record', () => {
  const context = contextOf(patient);
  const records = [record(0, tick(0), noon + 5), record(1, tick(1), noon + 3)];
  const { state, entries } = foldBatches([records], context);
  expect([state.arrival, entries[0]!.arrival]).toEqual([noon + 5, noon + 5]);
});

test('rows of an entry read back are the rows that were folded', () => {
  const context = contextOf(patient);
  const { entries } = foldBatches([recordsOf(packed(300, (i) => ({ n: i / 8 })))], context);
  const again = entries.map((entry) => decodeEntry(key, encodeEntry(key, entry, context), context));
  expect(rowsOf(patient, again)).toEqual(rowsOf(patient, entries));
});
