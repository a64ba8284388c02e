import { crc32, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ZippedFile, zip } from '../../infra/zip.ts';

/** Reads an archive by its directory, as the format's specification says, and checks all that is stated twice. */
function unzip(bytes: Uint8Array): ZippedFile[] {
  const archive = Buffer.from(bytes);
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  let at = archive.readUInt32LE(end + 16);
  expect(at + archive.readUInt32LE(end + 12)).toBe(end);
  const files: ZippedFile[] = [];
  while (at < end) {
    expect(archive.readUInt32LE(at)).toBe(0x02014b50);
    const [packedBytes, bytesBefore, nameBytes] = [
      archive.readUInt32LE(at + 20),
      archive.readUInt32LE(at + 24),
      archive.readUInt16LE(at + 28),
    ];
    const path = archive.toString('utf8', at + 46, at + 46 + nameBytes);
    expect(archive.readUInt32LE(at + 38) >>> 16).toBe(0o100644);
    const local = archive.readUInt32LE(at + 42);
    expect(archive.readUInt32LE(local)).toBe(0x04034b50);
    expect(archive.subarray(local + 4, local + 30)).toEqual(archive.subarray(at + 6, at + 32));
    expect(archive.toString('utf8', local + 30, local + 30 + nameBytes)).toBe(path);
    const data = local + 30 + nameBytes;
    const content = inflateRawSync(archive.subarray(data, data + packedBytes));
    expect([content.length, crc32(content)]).toEqual([bytesBefore, archive.readUInt32LE(at + 16)]);
    files.push({ path, bytes: new Uint8Array(content) });
    at += 46 + nameBytes;
  }
  expect(files).toHaveLength(archive.readUInt16LE(end + 10));
  return files;
}

describe('an archive', () => {
  it('holds the files that were put in', () => {
    const file = fc.record({
      path: fc.string({ unit: 'grapheme', minLength: 1 }),
      bytes: fc.uint8Array(),
    });
    fc.assert(
      fc.property(fc.array(file), (files) => {
        expect(unzip(zip(files))).toEqual(files.map(({ path, bytes }) => ({ path, bytes })));
      }),
    );
  });

  it('has no directories, and packs what can be packed', () => {
    const files = [{ path: 'dist/azure-app/main.js', bytes: new Uint8Array(1_000_000) }];
    expect(unzip(zip(files))).toEqual(files);
    expect(zip(files).length).toBeLessThan(2_000);
  });
});
