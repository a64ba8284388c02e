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

/** The bucket of a key: `hash64(key) mod bucketCount`, for 1 <= bucketCount <= 2^26. */
export function bucketOf(key: string, bucketCount: number): number {
  word[0] = h64(key);
  const high = (lanes[1] as number) % bucketCount;
  return (high * (4_294_967_296 % bucketCount) + (lanes[0] as number)) % bucketCount;
}
