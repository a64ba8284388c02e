/**
 * Compression as a value, since the core has none of its own. Synchronous: bodies are small and already in
 * memory. Implemented over node:zlib in adapters/compression.ts.
 */
export interface Compression {
  /** zstd, level 3. */
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * Undoes zstd and gzip, told by the first bytes.
   *
   * @throws MillraceError `too-large` when the result would exceed `bytesMax`; `damaged` when the
   * bytes are neither zstd nor gzip, or are cut short.
   */
  decompress(bytes: Uint8Array, bytesMax: number): Uint8Array;
}

/** True when the bytes start as zstd or gzip does. */
export function isCompressed(bytes: Uint8Array): boolean {
  return (
    (bytes[0] === 0x1f && bytes[1] === 0x8b) ||
    (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd)
  );
}
