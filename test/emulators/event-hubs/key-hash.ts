/**
 * The partition that Event Hubs puts a key in: Jenkins' lookup3 over its UTF-8 bytes, folded to 16 bits. Buffered
 * producers of the official clients compute the same to choose a partition on their side.
 *
 * @see https://burtleburtle.net/bob/c/lookup3.c
 */
export function partitionOfKey(key: string, partitions: number): number {
  const { b, c } = lookup3(Buffer.from(key));
  const short = ((b ^ c) << 16) >> 16;
  return Math.abs(short % partitions);
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** `hashlittle2` of a text, both of its seeds 0. */
function lookup3(bytes: Buffer): { readonly b: number; readonly c: number } {
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  if (bytes.length === 0) return { b, c };
  // The last block is padded with zeros, which adds nothing to the sums.
  const blocks = Math.ceil(bytes.length / 12);
  const padded = Buffer.alloc(blocks * 12);
  bytes.copy(padded);
  for (let at = 0; at < padded.length; at += 12) {
    a = (a + padded.readInt32LE(at)) | 0;
    b = (b + padded.readInt32LE(at + 4)) | 0;
    c = (c + padded.readInt32LE(at + 8)) | 0;
    if (at + 12 === padded.length) break;
    a = ((a - c) | 0) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return { b, c };
}
