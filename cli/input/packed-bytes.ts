/** Texts kept as UTF-8 outside the JavaScript heap. */
export interface PackedBytes {
  /** Bytes of all texts. */
  readonly bytes: number;
  add(text: string): void;
  /** The text that was added as number `index`, from 0. */
  text(index: number): string;
}

const segmentBytes = 8_388_608;

/** An empty store of texts, for millions of them: a text costs its bytes and two numbers. */
export function packBytes(): PackedBytes {
  const segments: Buffer[] = [];
  const starts: number[] = [];
  const lengths: number[] = [];
  let free = 0;
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    add(text) {
      const length = Buffer.byteLength(text);
      if (length > free || segments.length === 0) {
        free = Math.max(segmentBytes, length);
        segments.push(Buffer.allocUnsafeSlow(free));
      }
      const segment = segments[segments.length - 1]!;
      const at = segment.length - free;
      segment.write(text, at);
      starts.push((segments.length - 1) * 2 ** 32 + at);
      lengths.push(length);
      free -= length;
      bytes += length;
    },
    text(index) {
      const start = starts[index]!;
      const at = start % 2 ** 32;
      return segments[Math.floor(start / 2 ** 32)]!.toString('utf8', at, at + lengths[index]!);
    },
  };
}
