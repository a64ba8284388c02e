import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive; `path` is relative, with forward slashes. */
export interface ZippedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The first day that the format knows, so that equal files make equal archives. */
const date = (1 << 5) | 1;
const utf8Names = 0x0800;
const version = 20;
const deflated = 8;
/** A plain file that its owner may write and everyone may read, as Unix marks it. */
const attributes = 0o100644 * 2 ** 16;
const madeOnUnix = 3 << 8;

/** A zip archive (PKWARE's APPNOTE, without its 64-bit parts) of a few small files. */
export function zip(files: readonly ZippedFile[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, bytes } of files) {
    const name = Buffer.from(path, 'utf8');
    const packed = deflateRawSync(bytes, { level: 9 });
    const common = fields([
      ...[2, version, 2, utf8Names, 2, deflated, 2, 0, 2, date],
      ...[4, crc32(bytes), 4, packed.length, 4, bytes.length, 2, name.length, 2, 0],
    ]);
    const local = Buffer.concat([fields([4, 0x04034b50]), common, name, packed]);
    const made = fields([4, 0x02014b50, 2, madeOnUnix | version]);
    const entry = fields([2, 0, 2, 0, 2, 0, 4, attributes, 4, offset]);
    directory.push(made, common, entry, name);
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const counts = [2, files.length, 2, files.length, 4, listed.length, 4, offset];
  return Buffer.concat([...parts, listed, fields([4, 0x06054b50, 4, 0, ...counts, 2, 0])]);
}

/** Little-endian numbers, each behind the count of its bytes. */
function fields(sizesAndValues: readonly number[]): Buffer {
  const bytes = Buffer.alloc(sizesAndValues.reduce((sum, one, i) => sum + (i % 2 ? 0 : one), 0));
  let at = 0;
  for (let i = 0; i < sizesAndValues.length; i += 2) {
    at = bytes.writeUIntLE(sizesAndValues[i + 1] as number, at, sizesAndValues[i] as number);
  }
  return bytes;
}
