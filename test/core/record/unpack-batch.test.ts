import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compression } from '../../../adapters/compression.ts';
import type { StreamRecord } from '../../../core/event.ts';
import { defaultLimits } from '../../../core/limits.ts';
import { rawOf, unpack } from '../../../core/record/unpack.ts';
import { unpackerOf } from '../../../core/record/unpack-batch.ts';

const utf8 = new TextEncoder();

const bodies = fc.oneof(
  { weight: 6, arbitrary: fc.json().map((text) => `{"id":"a","x":${text}}`) },
  fc.string(),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify({ text })),
  fc.constantFrom(
    '{',
    '{}',
    '{"a":1}\n{"b":2}',
    '{"__proto__":1}',
    '{"\\u005f_proto__":1}',
    '[]',
    '',
  ),
  fc.constantFrom('{"a":1} ', '{"a":1}}', '{"a":"__proto__"}', `{"a":"${'x'.repeat(300)}"}`),
  fc.constantFrom(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`, '\uFEFF{"a":1}', '{"é":"ü"}'),
);

test('a batch of records unpacks to exactly what each of them does alone', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          bodies.map((text) => utf8.encode(text)),
          fc.uint8Array(),
        ),
      ),
      (all) => {
        const records: StreamRecord[] = all.map((body, i) => ({
          ...{ position: BigInt(i), partitionKey: '', arrival: 0 },
          body,
        }));
        const unpacker = unpackerOf(records, compression, defaultLimits);
        for (const [i, record] of records.entries()) {
          const alone = unpack(record, compression, defaultLimits);
          const together = unpacker(i);
          expect(together.values).toEqual(alone.values);
          expect(together.errors).toEqual(alone.errors);
          for (const line of alone.values.keys()) {
            expect(rawOf(together, line)).toEqual(rawOf(alone, line));
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('small objects of a batch are the same after more than one run of 16 KB', () => {
  const records: StreamRecord[] = Array.from({ length: 2_000 }, (_, i) => ({
    ...{ position: BigInt(i), partitionKey: '', arrival: 0 },
    body: utf8.encode(JSON.stringify({ i, pad: 'x'.repeat(i % 220) })),
  }));
  const unpacker = unpackerOf(records, compression, defaultLimits);
  const seen = records.map((_, i) => unpacker(i).values[0]?.['i']);
  expect(seen).toEqual(records.map((_, i) => i));
});
