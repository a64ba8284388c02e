import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compression } from '../../../adapters/compression.ts';
import type { JsonObject } from '../../../core/event.ts';
import { defaultLimits } from '../../../core/limits.ts';
import { syntaxFault } from '../../../core/record/syntax.ts';
import { rawOf, unpack } from '../../../core/record/unpack.ts';

const limits = { ...defaultLimits, recordEventsMax: 50, jsonDepthMax: 8 };
const unpackBody = (body: Uint8Array) =>
  unpack({ position: 1n, partitionKey: '0', arrival: 0, body }, compression, limits);

const events: fc.Arbitrary<JsonObject[]> = fc.array(
  fc
    .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 4 }))
    .map((event) => JSON.parse(JSON.stringify(event)) as JsonObject)
    .filter((event) => !JSON.stringify(event).includes('__proto__')),
  { minLength: 1, maxLength: 8 },
);
const shape = fc.constantFrom('single', 'array', 'pretty array', 'lines', 'CRLF lines', 'pretty');
const wrapping = fc.constantFrom('plain', 'zstd', 'gzip');

function textOf(packed: readonly JsonObject[], form: string): string {
  if (form === 'array') return JSON.stringify(packed);
  if (form === 'pretty array') return JSON.stringify(packed, null, 2);
  if (form === 'lines') return packed.map((event) => JSON.stringify(event)).join('\n');
  if (form === 'CRLF lines') return packed.map((event) => `${JSON.stringify(event)}\r\n`).join('');
  return JSON.stringify(packed[0], null, form === 'pretty' ? 2 : 0);
}

function wrapped(text: string, wrap: string): Uint8Array {
  const plain = new TextEncoder().encode(text);
  if (wrap === 'plain') return plain;
  return wrap === 'zstd' ? compression.compress(plain) : new Uint8Array(gzipSync(plain));
}

/** What must hold for any bytes: it ends, it says why, it can be shown, and it is the same the next time. */
function expectTotal(body: Uint8Array) {
  const unpacked = unpackBody(body);
  expect(unpacked.values.length).toBeLessThanOrEqual(limits.recordEventsMax);
  for (const [line, value] of unpacked.values.entries()) {
    const error = unpacked.errors?.get(line);
    if (value === null) expect(error!.length).toBeLessThan(120);
    else expect(error).toBeUndefined();
    const raw = rawOf(unpacked, line);
    if (value !== null) expect(JSON.parse(raw as string)).toEqual(value);
  }
  const again = unpackBody(body);
  expect(again.values).toEqual(unpacked.values);
  expect(again.errors).toEqual(unpacked.errors);
}

test('objects packed any way come out as they went in', () => {
  fc.assert(
    fc.property(events, shape, wrapping, (list, form, wrap) => {
      const packed = form === 'single' || form === 'pretty' ? list.slice(0, 1) : list;
      const unpacked = unpackBody(wrapped(textOf(packed, form), wrap));
      expect(unpacked.errors).toBeNull();
      expect(unpacked.values).toEqual(packed);
    }),
    { numRuns: 300 },
  );
});

test('random bytes never throw, as they are or behind a compression header', () => {
  const header = fc.constantFrom<number[]>([], [0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd], [0x5b]);
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 200 }), (head, rest) => {
      expectTotal(new Uint8Array([...head, ...rest]));
    }),
    { numRuns: 500 },
  );
});

const pieces = ['{', '}', '[', ']', ',', ':', '"', '\\', '\n', '0', '-', '1e', 'null', 'tru', ' '];
const more = [
  '{"a":1}',
  '"__proto__"',
  '\\u005f',
  '\u0000',
  '[[[[[[[[[',
  ']]]]]]]]]',
  '\r\n',
  '.5',
];
const jsonish = fc
  .array(fc.constantFrom(...pieces, ...more), { maxLength: 30 })
  .map((list) => list.join(''));

test('text made of pieces of JSON never throws', () => {
  fc.assert(
    fc.property(jsonish, (text) => expectTotal(new TextEncoder().encode(text))),
    { numRuns: 1_000 },
  );
});

test('mutated JSON never throws', () => {
  const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  fc.assert(
    fc.property(events, shape, wrapping, position, fc.nat(255), (list, form, wrap, at, byte) => {
      const body = wrapped(textOf(list, form), wrap);
      body[Math.floor(at * body.length)] = byte;
      expectTotal(body);
      expectTotal(body.subarray(0, Math.floor(at * body.length)));
    }),
    { numRuns: 500 },
  );
});

test('a text is said to be no JSON exactly when JSON.parse refuses it', () => {
  const json = fc.json({ maxDepth: 3 });
  const mutated = fc
    .tuple(json, fc.nat(), fc.constantFrom(...pieces, ...more))
    .map(([text, at, piece]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + piece + text.slice(cut + (at % 2));
    });
  const number = fc.array(fc.constantFrom('-', '0', '1', '.', 'e', 'E', '+'), { maxLength: 7 });
  fc.assert(
    fc.property(
      fc.oneof(
        json,
        jsonish,
        mutated,
        number.map((l) => l.join('')),
      ),
      (text) => {
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        expect(syntaxFault(text) === null).toBe(parses);
      },
    ),
    { numRuns: 3_000 },
  );
});
