/** Hashes of the whole system: XXH64 of UTF-8 bytes, the same on every host. Not for secrets. */
import xxhash from 'xxhash-wasm';

const { h64, h64Raw } = await xxhash();

const word = new BigUint64Array(1);
const lanes = new Uint32Array(word.buffer);

/** The 64-bit hash of a text's UTF-8 bytes. A lone surrogate counts as U+FFFD. */
export function hash64(text: string): bigint {
  return h64(text);
}

/** The 64-bit hash of bytes; other seeds give independent hashes. */
export function hashBytes(bytes: Uint8Array, seed?: bigint): bigint {
  return h64Raw(bytes, seed);
}

/** Writes `hash64(text)` into two words, low one first on every host that Node and browsers run on: the hot path. */
export function fingerprint(text: string, into: Uint32Array): void {
  word[0] = h64(text);
  into[0] = lanes[0] as number;
  into[1] = lanes[1] as number;
}

/**
 * The bucket of a key: the share of the hashes that it falls into, `floor(hash64(key) * bucketCount / 2^64)`, for
 * 1 <= bucketCount <= 2^20. So the buckets of a multiple lie within those of a count, and a key meets the same
 * partition by either.
 */
export function bucketOf(key: string, bucketCount: number): number {
  word[0] = h64(key);
  const carry = Math.floor(((lanes[0] as number) * bucketCount) / 4_294_967_296);
  return Math.floor(((lanes[1] as number) * bucketCount + carry) / 4_294_967_296);
}
