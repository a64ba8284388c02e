import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyBytesMax, nameBytesMax } from '../../adapters/arguments.ts';
import { idOf, objectNameOf, textOfId, textOfObjectName } from '../../adapters/ordered-names.ts';
import { entrySort, headSort, keptName, pageSort } from '../../core/journal/keys.ts';
import { oddTexts } from '../contract/odd-texts.ts';

const encodings = [
  { name: 'ids', nameOf: idOf, textOf: textOfId },
  { name: 'object names', nameOf: objectNameOf, textOf: textOfObjectName },
];
/** Every ASCII character, the ends of the lengths of UTF-8, and what tends to be mistaken. */
const unit = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
  fc.constantFrom('/', '/', '.', '.', '-', '0', ',', '~', '\u0080', '\u07ff', '\u0800', '\uffff'),
  fc.constantFrom('\ue000', '\u{10000}', '\u{10ffff}', 'é', 'e\u0301'),
);
const text = fc.oneof(fc.string({ unit, maxLength: 8 }), fc.constantFrom(...oddTexts));

test.each(encodings)('$name give their texts back', ({ nameOf, textOf }) => {
  fc.assert(
    fc.property(text, (a) => {
      expect(textOf(nameOf(a))).toBe(a);
    }),
    { numRuns: 2_000 },
  );
});

test.each(encodings)('$name stand in the order of the UTF-8 bytes', ({ nameOf }) => {
  fc.assert(
    fc.property(text, text, text, (start, a, b) => {
      const [x, y] = [start + a, start + b];
      const order = Buffer.compare(Buffer.from(x), Buffer.from(y));
      expect(Buffer.compare(Buffer.from(nameOf(x)), Buffer.from(nameOf(y)))).toBe(order);
    }),
    { numRuns: 2_000 },
  );
});

test.each(encodings)('$name start with each other just when the texts do', ({ nameOf }) => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(nameOf(a + b).startsWith(nameOf(a))).toBe(true);
      expect(nameOf(a).startsWith(nameOf(b))).toBe(a.startsWith(b));
    }),
    { numRuns: 2_000 },
  );
});

test('an id holds nothing that Cosmos DB or a URL takes for something else', () => {
  fc.assert(
    fc.property(text, (a) => {
      expect(idOf(a)).toMatch(/^[-0-9:=A-Z_a-z,;@^`~]*$/);
    }),
  );
});

test('an object name has no segment that a URL loses, and never the divider of keys', () => {
  fc.assert(
    fc.property(text, (a) => {
      const name = objectNameOf(a);
      expect(name).toMatch(/^[-./0-9:=A-Z_a-z,;@^`~]*$/);
      expect(name).not.toMatch(/^\/|\/\/|(^|\/)\.|\/~\//);
    }),
    { numRuns: 2_000 },
  );
});

test('our own keys stay readable', () => {
  expect(idOf(entrySort(7))).toBe('e-00000000000000000007');
  expect(idOf(headSort)).toBe('head');
  const page = pageSort('byOrigin', 3_600_000, Date.UTC(2024, 0, 31));
  expect(idOf(page)).toBe('p-byOrigin-3600000-2024,2d01,2d31T00:00:00,2e000Z');
  const scope = { pipeline: 'web-clicks', generation: 1, epoch: 0 };
  const kept = keptName(scope, '3', '_dead', 7, '0123456789abcdef');
  for (const name of [entrySort(7), page, kept, 'archive/date=2024-01-31/part-0.parquet']) {
    expect(objectNameOf(name)).toBe(name);
  }
});

test('the longest keys and names fit, whatever they hold', () => {
  for (const char of ['x', '#', '/', '.', '\u0000', 'ü', '€', '🦉']) {
    const most = (bytes: number) => char.repeat(bytes / Buffer.byteLength(char));
    expect(idOf(most(keyBytesMax)).length).toBeLessThanOrEqual(1_023);
    const key = objectNameOf(most(keyBytesMax));
    expect(`${key}/~/${key}`.length).toBeLessThanOrEqual(1_024);
    expect(objectNameOf(most(nameBytesMax)).length).toBeLessThanOrEqual(1_024);
  }
  expect(objectNameOf('a/'.repeat(nameBytesMax / 2)).split('/').length).toBeLessThanOrEqual(254);
});
