import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type {
  AsyncBuffer,
  Compressors,
  DecodedArray,
  FileMetaData,
  SchemaElement,
} from 'hyparquet';
import { asyncBufferFromFile, parquetMetadataAsync, parquetScan, parquetSchema } from 'hyparquet';
import { compressors as portable } from 'hyparquet-compressors';
import { MillraceError } from '../core/errors.ts';

/** The footer of a Parquet file. The file itself is opened for every read. */
export interface ParquetFile {
  readonly path: string;
  readonly file: AsyncBuffer;
  /** Its top-level columns, in the order of the file. */
  readonly columns: readonly SchemaElement[];
  readonly metadata: FileMetaData;
}

// The built-in zstd and gzip take half the time of the portable ones. A page states how long it is unpacked.
const compressors: Compressors = {
  ...portable,
  ZSTD: (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(length, 1) }),
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(length, 1) }),
};

function floorDiv(value: bigint, by: bigint): number {
  const quotient = value / by;
  return Number(value % by < 0n ? quotient - 1n : quotient);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Many writers leave text unmarked, so bytes are text if they can be, and base64 otherwise. */
function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('base64');
  }
}

// Instants become dates at the millisecond they lie in; the library cuts towards 1970.
const parsers = {
  stringFromBytes: textOf,
  timestampFromMicroseconds: (micros: bigint) => new Date(floorDiv(micros, 1_000n)),
  timestampFromNanoseconds: (nanos: bigint) => new Date(floorDiv(nanos, 1_000_000n)),
};

/**
 * Opens a Parquet file; timestamps without a time zone are taken as UTC.
 *
 * @throws MillraceError `request` when there is no such file or it is not Parquet.
 */
export async function openParquet(path: string): Promise<ParquetFile> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file, { parsers });
    const columns = parquetSchema(metadata).children.map((child) => child.element);
    return { path, file, columns, metadata };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * The values of one row group, column by column in the order of `names`; a null is `null` or `undefined`.
 *
 * @param index of the row group, from 0.
 * @throws MillraceError `request` when a page can't be decoded.
 */
export async function readGroup(
  { path, file, metadata }: ParquetFile,
  index: number,
  names: readonly string[],
): Promise<DecodedArray[]> {
  const values: DecodedArray[] = [];
  try {
    // A scan keeps the columns that it read last, so it must not outlive its row group.
    const scan = await parquetScan({ file, metadata, compressors, parsers });
    const range = scan.ranges[index];
    if (range === undefined) throw new MillraceError('bug', `no row group ${index}`);
    for (const column of names) values.push(await scan.readColumn({ column, ...range }));
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return values;
}

function unreadable(path: string, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MillraceError('request', `can't read ${path} as Parquet: ${reason}`, { cause });
}
