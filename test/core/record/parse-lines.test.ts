import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compression } from '../../../adapters/compression.ts';
import { defaultLimits } from '../../../core/limits.ts';
import { unpack } from '../../../core/record/unpack.ts';

const utf8 = new TextEncoder();

function valuesOf(text: string): readonly unknown[] {
  const record = { position: 0n, partitionKey: '', arrival: 0, body: utf8.encode(text) };
  return unpack(record, compression, defaultLimits).values;
}

/** What each line is on its own: an object, or null. */
function oneByOne(lines: readonly string[]): readonly unknown[] {
  return lines.map((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === 'object' && !Array.isArray(value) ? value : null;
    } catch {
      return null;
    }
  });
}

/** Lines that could run into one another, or be taken for two, if they were only joined by commas. */
const tricky = fc.constantFrom(
  ...['{"a":1}', '{"a":{"b":2}}', '{"a":1},{"b":2}', '{"a":[{}', '{}]}', '{"a":"x}', '{y"}'],
  ...['{"a":{"b":1}', '{"c":3}}', '{}', '{', '}', '{"a":"[1]"}', '{"a":[1]}', '{},', '{}{}', 'x'],
);

test('lines parsed together are exactly what each is on its own', () => {
  fc.assert(
    fc.property(fc.array(tricky, { minLength: 2, maxLength: 6 }), (lines) => {
      // A first line that is no JSON may begin a pretty-printed document.
      fc.pre(oneByOne(lines)[0] !== null);
      expect(valuesOf(lines.join('\n'))).toEqual(oneByOne(lines));
    }),
    { numRuns: 3_000 },
  );
});
