import { constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type Compression, isCompressed } from '../core/compression.ts';
import { MillraceError } from '../core/errors.ts';

const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** {@link Compression} over node:zlib. */
export const compression: Compression = { compress, decompress };

function compress(bytes: Uint8Array): Uint8Array {
  return plain(zstdCompressSync(bytes, zstdOptions));
}

function decompress(bytes: Uint8Array, bytesMax: number): Uint8Array {
  if (!isCompressed(bytes)) throw new MillraceError('damaged', 'The bytes are not zstd or gzip.');
  const first = unpack(bytes, bytesMax);
  if (first.consumed === bytes.length) return first.bytes;
  return unpackFrames(bytes, bytesMax, first);
}

interface Unpacked {
  readonly bytes: Uint8Array;
  /** Bytes of the input that were used. */
  readonly consumed: number;
}

/**
 * node:zlib stops silently after the first zstd frame, so the frames behind it are unpacked one by
 * one.
 */
function unpackFrames(bytes: Uint8Array, bytesMax: number, first: Unpacked): Uint8Array {
  const parts = [first.bytes];
  let at = first.consumed;
  let total = first.bytes.length;
  while (at < bytes.length) {
    const rest = bytes.subarray(at);
    if (bytes[0] !== 0x28 || rest[0] !== 0x28 || !isCompressed(rest)) {
      throw new MillraceError('damaged', `Unexpected bytes behind byte ${at} of compressed data.`);
    }
    const part = unpack(rest, bytesMax - total);
    parts.push(part.bytes);
    at += part.consumed;
    total += part.bytes.length;
  }
  return plain(Buffer.concat(parts, total));
}

function unpack(bytes: Uint8Array, bytesMax: number): Unpacked {
  const options = {
    // zlib knows no limit of 0, so the length is checked once more below.
    maxOutputLength: Math.max(1, bytesMax),
    chunkSize: Math.min(1_048_576, Math.max(16_384, bytes.length * 4)),
    info: true,
  };
  try {
    const unzip = bytes[0] === 0x1f ? gunzipSync : zstdDecompressSync;
    // With `info` the answer is an object, which the published types do not say.
    const { buffer, engine } = unzip(bytes, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (buffer.length > bytesMax) throw tooLarge(bytesMax);
    return { bytes: plain(buffer), consumed: engine.bytesWritten };
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax, cause);
    throw new MillraceError('damaged', 'Compressed bytes are damaged or cut short.', { cause });
  }
}

function tooLarge(bytesMax: number, cause?: unknown): MillraceError {
  const message = `Compressed bytes unpack to more than ${bytesMax} bytes.`;
  return new MillraceError('too-large', message, { cause });
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
