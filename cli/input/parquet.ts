import type { DecodedArray, SchemaElement } from 'hyparquet';
import { MillraceError } from '../../core/errors.ts';
import { openParquet, type ParquetFile, readGroup } from '../../local-app/parquet-columns.ts';
import { chunkRows, type InputRow, type OpenInput } from './input-row.ts';

/** Makes the JSON value of a Parquet value. */
type Convert = (value: unknown) => unknown;

/**
 * Opens a Parquet file; one row group is in memory at a time. Nulls are absent from a row. Dates and timestamps become
 * RFC 3339 text in UTC with milliseconds (without a time zone they are taken as UTC), 64-bit integers numbers or,
 * beyond 2^53, decimal text, decimals numbers, NaN and the infinities text, binary text if it is UTF-8, else base64.
 *
 * @throws MillraceError `request` when it is missing or damaged, or holds a decimal of more than 15 digits.
 */
export async function openParquetRows(path: string): Promise<OpenInput> {
  const file = await openParquet(path);
  return { columns: file.columns.map((column) => column.name), chunks: rowsOf(file) };
}

async function* rowsOf(file: ParquetFile): AsyncGenerator<InputRow[]> {
  const names = file.columns.map((column) => column.name);
  const converters = file.columns.map(converterOf);
  let row = 0;
  for (const [index, group] of file.metadata.row_groups.entries()) {
    const values = await readGroup(file, index, names);
    const rows = Number(group.num_rows);
    for (let from = 0; from < rows; from += chunkRows) {
      const chunk: InputRow[] = [];
      for (let i = from; i < Math.min(from + chunkRows, rows); i++) {
        chunk.push({ row: ++row, value: objectOf(values, i, names, converters) });
      }
      yield chunk;
    }
  }
}

function objectOf(
  columns: readonly DecodedArray[],
  index: number,
  names: readonly string[],
  converters: readonly Convert[],
): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < names.length; i++) {
    const value = columns[i]![index];
    if (value !== null && value !== undefined) object[names[i]!] = converters[i]!(value);
  }
  return object;
}

function converterOf(column: SchemaElement): Convert {
  const { name, scale = 0, logical_type: logical, converted_type: converted } = column;
  if (converted === 'DECIMAL') return (value) => decimal(value, scale, name);
  if (logical?.type === 'DECIMAL') {
    throw new MillraceError('request', `can't read the decimals of column ${name}: cast them`);
  }
  return withLastInstant();
}

/** The text of an instant takes a microsecond to make, and in a column it is often the one of the row before. */
function withLastInstant(): Convert {
  let [time, text] = [Number.NaN, ''];
  return (value) => {
    if (!(value instanceof Date)) return jsonOf(value);
    if (value.getTime() !== time) [time, text] = [value.getTime(), instantOf(value)];
    return text;
  };
}

/** The library scales with doubles, which leaves 0.30000000000000004 of a 0.3. */
function decimal(value: unknown, scale: number, name: string): number {
  const approximate = Number(value);
  if (Math.abs(approximate) * 10 ** scale < 1e15) return Number(approximate.toFixed(scale));
  const message = `a decimal of column ${name} has more than 15 digits: cast it to text or double`;
  throw new MillraceError('request', message);
}

function jsonOf(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
        ? Number(value)
        : value.toString();
    case 'object':
      return nestedOf(value);
    default:
      return value;
  }
}

function nestedOf(value: object | null): unknown {
  if (value === null) return null;
  if (value instanceof Date) return instantOf(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value as unknown[], jsonOf);
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(fields.map(([field, inner]) => [field, jsonOf(inner)]));
}

function instantOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString();
}
