import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, fingerprint, hash64, hashBytes } from '../../core/hash.ts';
import { partitionOf } from '../../core/ports/event-publisher.ts';

test('hash64 is XXH64: it gives the published values', () => {
  // https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md and its sanity checks.
  expect(hash64('')).toBe(0xef46db3751d8e999n);
  expect(hash64('a')).toBe(0xd24ec4f1a98c6e5bn);
  expect(hash64('abc')).toBe(0x44bc2cf5ad770999n);
});

test('the hash of a text is the hash of its UTF-8 bytes, whatever its length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(hash64(text)).toBe(hashBytes(new TextEncoder().encode(text)));
    }),
  );
});

test('another seed gives another hash', () => {
  expect(hashBytes(new Uint8Array([1, 2, 3]), 1n)).not.toBe(hashBytes(new Uint8Array([1, 2, 3])));
});

test('a fingerprint is the two words of the hash, the low one first', () => {
  const words = new Uint32Array(2);
  fc.assert(
    fc.property(fc.string(), (text) => {
      fingerprint(text, words);
      expect((BigInt(words[1]!) << 32n) | BigInt(words[0]!)).toBe(hash64(text));
    }),
  );
});

test('a bucket is a share of all hashes', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 2 ** 20 }), (key, count) => {
      expect(BigInt(bucketOf(key, count))).toBe((hash64(key) * BigInt(count)) >> 64n);
    }),
  );
});

test('a key meets the same partition by a bucket for each and by many', () => {
  const partitions = fc.integer({ min: 1, max: 1_024 });
  const times = fc.integer({ min: 1, max: 64 });
  fc.assert(
    fc.property(fc.string(), partitions, times, (key, count, more) => {
      const bucket = bucketOf(key, count * more);
      expect(partitionOf(bucket, count * more, count)).toBe(bucketOf(key, count));
    }),
  );
});
