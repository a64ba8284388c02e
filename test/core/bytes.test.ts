import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reader, Writer } from '../../core/bytes.ts';

/** What `read` finds in what `write` wrote, all of it. */
function trip<T>(write: (out: Writer) => void, read: (from: Reader) => T): T {
  const out = new Writer(1);
  write(out);
  const from = new Reader(out.done(), 'x');
  const value = read(from);
  from.end();
  return value;
}

function reading(...bytes: number[]): Reader {
  return new Reader(Uint8Array.from(bytes), 'the item');
}

const damaged = expect.objectContaining({
  code: 'damaged',
  message: expect.stringMatching(/^the item: /),
});
const edges = [
  0,
  1,
  63,
  64,
  127,
  128,
  8191,
  8192,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 49,
  2 ** 53 - 1,
];

test('integers from 0 on read back', () => {
  const unsigned = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
  fc.assert(
    fc.property(unsigned, (value) => {
      expect(
        trip(
          (out) => out.unsigned(value),
          (from) => from.unsigned(),
        ),
      ).toBe(value);
    }),
    { numRuns: 500 },
  );
});

test('safe integers read back as numbers, others as bigints, and zero has no sign', () => {
  const small = fc.oneof(fc.constantFrom(...edges, ...edges.map((n) => -n)), fc.maxSafeInteger());
  const large = fc.bigInt({ min: -(2n ** 2_000n), max: 2n ** 2_000n });
  fc.assert(
    fc.property(small, (value) => {
      expect(
        trip(
          (out) => out.signed(value),
          (from) => from.signed(),
        ),
      ).toBe(value + 0);
      expect(
        trip(
          (out) => out.signed(BigInt(value)),
          (from) => from.signed(),
        ),
      ).toBe(value + 0);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(large, (value) => {
      const back = trip(
        (out) => out.signed(value),
        (from) => from.signed(),
      );
      expect(BigInt(back)).toBe(value);
      expect(typeof back).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint');
    }),
    { numRuns: 500 },
  );
});

test('doubles and texts read back', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true }),
      fc.array(fc.string({ unit: 'grapheme' })),
      (n, texts) => {
        expect(
          trip(
            (out) => out.double(n),
            (from) => from.double(),
          ),
        ).toBe(n);
        expect(
          trip(
            (out) => out.texts(texts),
            (from) => from.texts(texts.length),
          ),
        ).toEqual(texts);
        for (const text of ['\ufeffx', ...texts]) {
          expect(
            trip(
              (out) => out.text(text),
              (from) => from.text(),
            ),
          ).toBe(text);
        }
      },
    ),
  );
});

test.each<[string, () => unknown]>([
  ['a byte', () => reading().byte()],
  ['an integer', () => reading(0x80).unsigned()],
  ['a signed integer', () => reading(0x80).signed()],
  ['a double', () => reading(1, 2, 3).double()],
  ['bytes', () => reading(4, 1, 2, 3).bytes()],
  ['a text', () => reading(2, 65).text()],
])('the missing end of %s is damaged', (_, read) => {
  expect(read).toThrow(damaged);
});

test('numbers out of range, texts that are none and bytes left over are damaged', () => {
  expect(() => reading(11).unsigned(10)).toThrow(damaged);
  expect(() => reading(...Array(20).fill(0xff)).unsigned()).toThrow(damaged);
  expect(() => reading(...Array(2_000).fill(0xff)).signed()).toThrow(damaged);
  expect(() => reading(1, 0xff).text()).toThrow(damaged);
  expect(() => reading(3, 1, 65).texts(1)).toThrow(damaged);
  expect(() => reading(0).end()).toThrow(damaged);
  const large = new Writer(8);
  large.signed(2n ** 60n);
  expect(() => reading(...large.done()).integer()).toThrow(damaged);
});

test('a declared length costs nothing until the bytes are there', () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
  expect(() => reading(...huge, 1).bytes()).toThrow(damaged);
  expect(() => reading(...huge, 1).text()).toThrow(damaged);
});
