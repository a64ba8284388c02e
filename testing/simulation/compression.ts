import type { Compression } from '../../core/compression.ts';
import { MillraceError } from '../../core/errors.ts';

const magic = [0x28, 0xb5, 0x2f, 0xfd];

/** Looks like zstd and costs nothing: the magic number, the bytes as they are, then a byte that must be 0. */
export const compression: Compression = {
  compress(bytes) {
    const packed = new Uint8Array(bytes.length + 5);
    packed.set(magic);
    packed.set(bytes, 4);
    return packed;
  },
  decompress(bytes, bytesMax) {
    if (magic.some((byte, i) => bytes[i] !== byte) || bytes.at(-1) !== 0) {
      throw new MillraceError('damaged', 'not what compress wrote');
    }
    if (bytes.length - 5 > bytesMax) throw new MillraceError('too-large', 'unpacks to too much');
    return bytes.slice(4, -1);
  },
};
