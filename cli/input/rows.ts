import { basename } from 'node:path';
import { MillraceError } from '../../core/errors.ts';
import { openCsv } from './csv.ts';
import { openGeojson } from './geojson.ts';
import { type IdMaker, idMaker } from './ids.ts';
import type { InputRow, OpenInput } from './input-row.ts';
import { openNdjson } from './ndjson.ts';
import { openParquetRows } from './parquet.ts';
import { sortRows } from './sort.ts';
import { openBytes } from './source.ts';

/** The formats that can be read. `ndjson` stands for a JSON array as well, told by its first byte. */
export const inputFormats = ['ndjson', 'csv', 'parquet', 'geojson'] as const;
/** One of them. */
export type InputFormat = (typeof inputFormats)[number];

/** Their names in a sentence. */
export const formatNames = 'ndjson, csv, parquet or geojson';

/** What to read, and how. */
export interface ReadOptions {
  /** A path, or `-` for the standard input. */
  readonly path: string;
  /** Told by the path's ending if left out; NDJSON on the standard input. */
  readonly format?: InputFormat | undefined;
  /** Where the id comes from: a field's name, or a template like `{origin}-{date}`. */
  readonly id?: string | undefined;
  /** The field that holds the id, default `id`; null where it is computed, so that rows need none. */
  readonly idField?: string | null | undefined;
  /** The field to sort by; see {@link sortRows}. Default: the order of the file. */
  readonly sort?: string | undefined;
  /** The JSON Schema of an event; it says which CSV columns are numbers and booleans. */
  readonly schema?: unknown;
  /** What `-` reads. Default: the standard input of the process. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
}

/**
 * The rows of a file in its order, or sorted, in chunks of at most 1,024.
 *
 * Row numbers count the data rows of the file from 1, also when sorted. A row gets the id that `id` makes of its
 * fields; where one is missing, or there is no `id` and the row brings none of its own, it is
 * `<file name>:<row number>` (`stdin:<row number>`).
 *
 * @throws MillraceError `request` when the file is missing, damaged or of no known format, has a bad header, or
 * lacks a column of `id` or `sort`.
 */
export async function* readRows(options: ReadOptions): AsyncGenerator<InputRow[]> {
  const { path, id, idField = 'id', sort } = options;
  const name = path === '-' ? 'stdin' : basename(path);
  if (idField === null && id !== undefined) {
    throw new MillraceError('request', '--id: the pipeline computes the ids of its events itself');
  }
  const makeId = idField === null ? noIds : idMaker(name, idField, id);
  const input = await openInput(options, name);
  requireColumns(name, input.columns, '--id', makeId.fields);
  requireColumns(name, input.columns, '--sort', sort === undefined ? [] : [sort]);
  const chunks = sort === undefined ? input.chunks : sortRows(input.chunks, sort, name);
  let first = true;
  for await (const chunk of chunks) {
    const objects = chunk.flatMap(({ value }) => (value === undefined ? [] : [value]));
    // NDJSON has no header: an expression that fits none of its first rows is a slip, and would hide every duplicate.
    if (first) requireSomeFields(name, objects, makeId.fields);
    first = objects.length === 0 && first;
    for (const { row, value } of chunk) if (value !== undefined) makeId.into(value, row);
    yield chunk;
  }
}

function requireSomeFields(
  name: string,
  rows: readonly Record<string, unknown>[],
  fields: readonly string[],
): void {
  const [row] = rows;
  if (row === undefined || rows.some((one) => fields.every((field) => field in one))) return;
  requireColumns(name, Object.keys(row), '--id', fields);
}

const noIds: IdMaker = { fields: [], into: () => {} };

/** The format of a file by the ending of its name, less `.gz` and `.zst`; null when it says nothing. */
export function formatOf(path: string): InputFormat | null {
  if (path === '-') return 'ndjson';
  const ending = /\.([a-z0-9]+)(?:\.(?:gz|zst))?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  if (['ndjson', 'jsonl', 'json'].includes(ending)) return 'ndjson';
  return inputFormats.find((format) => format === ending) ?? null;
}

async function openInput(options: ReadOptions, name: string): Promise<OpenInput> {
  const { path, schema } = options;
  const format = options.format ?? formatOf(path);
  switch (format) {
    case 'ndjson':
      return openNdjson(await openBytes(path, options.stdin), name);
    case 'geojson':
      return openGeojson(await openBytes(path, options.stdin), name);
    case 'csv':
      return openCsv(await openBytes(path, options.stdin), name, schema);
    case 'parquet':
      if (path !== '-') return openParquetRows(path);
      throw new MillraceError(
        'request',
        'Parquet is read from a file, not from the standard input',
      );
    case null:
      throw new MillraceError(
        'request',
        `can't tell the format of ${path} by its name: say --format ${formatNames}`,
      );
    default:
      throw new MillraceError('request', `no format ${format}: it is ${formatNames}`);
  }
}

function requireColumns(
  name: string,
  columns: readonly string[] | null,
  option: string,
  fields: readonly string[],
): void {
  const missing = fields.filter((field) => columns !== null && !columns.includes(field));
  if (missing.length === 0) return;
  const names = missing.map((field) => `"${field}"`).join(', ');
  throw new MillraceError(
    'request',
    `${option}: ${name} has no column ${names}; it has ${columns?.join(', ')}`,
  );
}
