import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import type { StreamRecord } from '../../core/event.ts';
import { decodeEntry, encodeEntry } from '../../core/journal/entry-codec.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { flights } from '../../pipelines/flights.ts';
import { minutes, patient, tick } from '../core/fold/events.ts';
import { contextOf, foldBatches, noon, record, rowsOf } from '../core/folding.ts';
import { budget, prompt } from './budget.ts';
import { changed, mutated, oddValue } from './mutations.ts';

const flight = {
  ...{ id: 'f1', date: '2001-01-01T12:00:00Z', delay: -3, distance: 1, origin: 'SFO' },
  destination: 'LAX',
};
const subject = fc.oneof(
  fc.constantFrom<Pipeline>(minutes, patient).map((pipeline) => ({ pipeline, event: tick(0) })),
  fc.constant({ pipeline: flights as Pipeline, event: flight }),
);

/** Folds records and expects of any bytes: every event accounted for, letters that can be read, an entry that reads back. */
function expectSound(pipeline: Pipeline, records: readonly StreamRecord[]): void {
  const context = contextOf(pipeline, { recordEventsMax: 200, entryRowsMax: 100 });
  const { state, entries, dead, late } = prompt(() => foldBatches([records], context));
  const { received, accepted, duplicates, filtered, deadLettered, views } = state.counts;
  expect(received).toBe(accepted + duplicates + filtered + deadLettered);
  expect(dead).toHaveLength(deadLettered);
  expect(late).toHaveLength(views.reduce((sum, view) => sum + view.late, 0));
  expect(state.next).toEqual({ position: BigInt(records.length), line: 0 });
  const key = { partition: 'p', sort: 'e' };
  const again = entries.map((entry) => {
    const bytes = encodeEntry(key, entry, context);
    expect(bytes.length).toBeLessThanOrEqual(context.entryBytesMax);
    return decodeEntry(key, bytes, context);
  });
  expect(rowsOf(pipeline, again)).toEqual(rowsOf(pipeline, entries));
}

function wrapped(text: string, wrapping: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (wrapping === 'plain') return bytes;
  return wrapping === 'zstd' ? compression.compress(bytes) : new Uint8Array(gzipSync(bytes));
}

test('any bytes at all fold', () => {
  const magic = fc.constantFrom([], [0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd], [0x5b], [0x7b, 0x22]);
  const body = fc
    .tuple(magic, fc.uint8Array({ maxLength: 300 }))
    .map(([a, b]) => Uint8Array.of(...a, ...b));
  fc.assert(
    fc.property(subject, fc.array(body, { maxLength: 4 }), ({ pipeline }, bodies) => {
      expectSound(
        pipeline,
        bodies.map((bytes, i) => record(i, bytes)),
      );
    }),
    budget(600),
  );
});

test('any text of JSON pieces folds', () => {
  const pieces = ['{', '}', '[', ']', ',', ':', '"', '\\', '\\u', 'd800', '1', '-', 'e', '.', '\n'];
  const text = fc.string({
    unit: fc.constantFrom(...pieces, '"id"', 'null', ' ', '\r\n', '\ufeff'),
  });
  fc.assert(
    fc.property(subject, text, ({ pipeline }, body) => expectSound(pipeline, [record(0, body)])),
    budget(600),
  );
});

test('any values in the fields of an event fold', () => {
  const batch = subject.chain(({ pipeline, event }) =>
    fc.record({
      pipeline: fc.constant(pipeline),
      bodies: fc.array(fc.array(fc.oneof(changed({ ...event }), oddValue), { maxLength: 8 }), {
        maxLength: 3,
      }),
      arrival: fc.constantFrom(noon, 0, noon + 1e9, 8_640_000_000_000_000),
    }),
  );
  fc.assert(
    fc.property(batch, ({ pipeline, bodies, arrival }) => {
      expectSound(
        pipeline,
        bodies.map((body, i) => record(i, body, arrival)),
      );
    }),
    budget(600),
  );
});

test('any mutation of a packed record folds', () => {
  const body = subject.chain(({ pipeline, event }) =>
    fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom('plain', 'zstd', 'gzip'))
      .chain(([count, wrapping]) => {
        const events = Array.from({ length: count }, (_, i) => ({ ...event, id: `m${i}` }));
        return mutated(wrapped(JSON.stringify(events), wrapping));
      })
      .map((bytes) => ({ pipeline, bytes })),
  );
  fc.assert(
    fc.property(body, ({ pipeline, bytes }) => expectSound(pipeline, [record(0, bytes)])),
    budget(600),
  );
});
