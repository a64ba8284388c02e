import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import { isCompressed } from '../../core/compression.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { bytes } from './subject.ts';

const text = bytes('flights,'.repeat(5_000));
const noise = Uint8Array.from({ length: 600 }, (_, i) => (i * i * 2_654_435_761) >>> 24);
const packers: readonly [string, (bytes: Uint8Array) => Uint8Array][] = [
  ['our own zstd', compression.compress],
  ['zstd', (from) => new Uint8Array(zstdCompressSync(from))],
  ['gzip', (from) => new Uint8Array(gzipSync(from))],
];

function codeOf(work: () => unknown): ErrorCode | 'none' {
  try {
    work();
    return 'none';
  } catch (error) {
    expect(error).toMatchObject({ name: 'MillraceError', code: expect.any(String) });
    return (error as { code: ErrorCode }).code;
  }
}

it.each(packers)('unpacks what %s packed', (_, pack) => {
  for (const from of [new Uint8Array(0), bytes('x'), text, noise]) {
    const packed = pack(from);
    expect(isCompressed(packed)).toBe(true);
    const unpacked = compression.decompress(packed, from.length);
    expect(Buffer.compare(unpacked, from)).toBe(0);
    expect(Object.getPrototypeOf(unpacked)).toBe(Uint8Array.prototype);
  }
});

it('packs repeated text to a small part of it, the same each time', () => {
  const packed = compression.compress(text);
  expect(packed.length).toBeLessThan(100);
  expect(Object.getPrototypeOf(packed)).toBe(Uint8Array.prototype);
  expect(compression.compress(text)).toEqual(packed);
});

it.each(packers)('calls a result of one byte over the limit too large (%s)', (_, pack) => {
  for (const from of [bytes('x'), text, noise]) {
    const packed = pack(from);
    expect(codeOf(() => compression.decompress(packed, from.length - 1))).toBe('too-large');
    expect(codeOf(() => compression.decompress(packed, 0))).toBe('too-large');
  }
});

it.each(packers)('calls bytes that are cut short damaged, wherever the cut is (%s)', (_, pack) => {
  for (const from of [new Uint8Array(0), bytes('x'), text, noise]) {
    const packed = pack(from);
    for (let length = 0; length < packed.length; length += 1) {
      const cut = packed.subarray(0, length);
      expect(codeOf(() => compression.decompress(cut, 1_000_000))).toBe('damaged');
    }
  }
});

it.each(packers)('unpacks several frames one after another, within one limit (%s)', (_, pack) => {
  const packed = Buffer.concat([pack(text), pack(noise), pack(bytes('x'))]);
  const all = Buffer.concat([text, noise, bytes('x')]);
  expect(Buffer.compare(compression.decompress(packed, all.length), all)).toBe(0);
  expect(codeOf(() => compression.decompress(packed, all.length - 1))).toBe('too-large');
  // A cut exactly between two frames can't be told from a whole.
  const ends = [pack(text).length, pack(text).length + pack(noise).length];
  for (let length = ends[0]! - 9; length < packed.length; length += 7) {
    if (ends.includes(length)) continue;
    const cut = packed.subarray(0, length);
    expect(codeOf(() => compression.decompress(cut, all.length))).toBe('damaged');
  }
});

it.each(packers)('calls foreign bytes behind the data damaged (%s)', (_, pack) => {
  for (const tail of [[1], [0x28], [0x1f], [0x28, 0xb5, 0x2f, 0xfd], [0x1f, 0x8b], [1, 2, 3, 4]]) {
    const packed = Buffer.concat([pack(text), Uint8Array.from(tail)]);
    expect(codeOf(() => compression.decompress(packed, 1_000_000))).toBe('damaged');
  }
});

it('calls anything else damaged', () => {
  for (const from of [new Uint8Array(0), text, bytes('{}'), Uint8Array.of(0x1f), noise]) {
    expect(codeOf(() => compression.decompress(from, 1_000_000))).toBe('damaged');
  }
});

it('unpacks bytes that stand in the middle of a larger buffer', () => {
  const packed = compression.compress(text);
  const around = new Uint8Array(packed.length + 20).fill(9);
  around.set(packed, 10);
  const middle = around.subarray(10, 10 + packed.length);
  expect(compression.decompress(middle, text.length)).toEqual(text);
});
