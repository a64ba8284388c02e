import { MillraceError } from '../../core/errors.ts';
import { defaultLimits } from '../../core/limits.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { type CsvConverter, converterOf } from './csv-values.ts';
import { chunkRows, type InputRow, type OpenInput, rawText } from './input-row.ts';

/** The longest record, bytes. A quote that is never closed makes the rest of the file one record. */
export const csvRecordBytesMax: number = defaultLimits.recordUnpackedBytesMax;

interface Column {
  readonly name: string;
  readonly convert: CsvConverter;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Opens CSV, RFC 4180: UTF-8, commas, a header. An empty field is absent from the row; `schema` says which columns are
 * numbers and booleans, see {@link converterOf}. A record with more or fewer fields than the header, or that is no
 * UTF-8, is passed on raw, with the reason before its text.
 *
 * @throws MillraceError `request`, at once when the header is missing or names a column not at all or twice, while
 * reading when a quoted field never ends.
 */
export async function openCsv(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  schema: unknown,
): Promise<OpenInput> {
  const records = recordsOf(bytes, name);
  const first = await records.next();
  const [header, ...rest] = first.done === true ? [] : first.value;
  if (header === undefined) throw unreadable(name, 'it is empty, without a header');
  const columns = columnsOf(header, name, schema);
  return { columns: columns.map((column) => column.name), chunks: rowsOf(rest, records, columns) };
}

async function* rowsOf(
  first: readonly CsvRecord[],
  others: AsyncIterable<readonly CsvRecord[]>,
  columns: readonly Column[],
): AsyncGenerator<InputRow[]> {
  let row = 0;
  for await (const records of concat(first, others)) {
    for (let from = 0; from < records.length; from += chunkRows) {
      const chunk = records.slice(from, from + chunkRows);
      yield chunk.map((record) => rowOf(record, ++row, columns));
    }
  }
}

async function* concat<T>(first: T, others: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* others;
}

/**
 * The records, never an empty list of them. The structure of CSV is ASCII, so the text is read as Latin-1 and only
 * the fields become UTF-8: a record that is none does not spoil the others.
 */
async function* recordsOf(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<readonly CsvRecord[]> {
  let rest: string | null = null;
  for await (const piece of bytes) {
    const text = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1');
    rest = rest === null ? withoutMark(text, name) : rest + text;
    const found = csvRecords(rest, false);
    rest = found.rest;
    if (rest.length > csvRecordBytesMax) throw endless(rest, name);
    if (found.records.length > 0) yield found.records;
  }
  const found = csvRecords(rest ?? '', true);
  if (found.rest !== '') throw endless(found.rest, name);
  if (found.records.length > 0) yield found.records;
}

function columnsOf(header: CsvRecord, name: string, schema: unknown): Column[] {
  const names = header.fields.map(utf8);
  const columns: Column[] = [];
  for (const [index, column] of names.entries()) {
    if (column === null) throw unreadable(name, 'its header is no UTF-8');
    if (column === '') throw unreadable(name, `column ${index + 1} has no name in the header`);
    if (names.indexOf(column) !== index) {
      throw unreadable(name, `its header names column ${JSON.stringify(column)} twice`);
    }
    columns.push({ name: column, convert: converterOf(schema, column) });
  }
  if (header.fault !== null) throw unreadable(name, `its header has ${header.fault}`);
  return columns;
}

function rowOf(record: CsvRecord, row: number, columns: readonly Column[]): InputRow {
  const { fields, text } = record;
  const ascii = isAscii(text);
  let { fault } = record;
  if (fault === null && fields.length !== columns.length) {
    fault = `${fields.length} fields under a header of ${columns.length}`;
  }
  const value: Record<string, unknown> = {};
  for (let i = 0; i < columns.length && fault === null; i++) {
    const field = ascii ? fields[i]! : utf8(fields[i]!);
    if (field === null) fault = `field ${i + 1} is no UTF-8`;
    else if (field !== '') value[columns[i]!.name] = columns[i]!.convert(field);
  }
  return fault === null
    ? { row, value }
    : { row, raw: rawText(`${fault}: ${Buffer.from(text, 'latin1').toString()}`) };
}

/** The text of bytes given as Latin-1; null if they are no UTF-8. */
function utf8(latin1: string): string | null {
  if (isAscii(latin1)) return latin1;
  try {
    return decoder.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return null;
  }
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is the range that is meant.
  return /^[\x00-\x7f]*$/.test(text);
}

function withoutMark(text: string, name: string): string {
  if (text.startsWith('\xff\xfe') || text.startsWith('\xfe\xff')) {
    throw unreadable(name, 'it is UTF-16; save it as UTF-8');
  }
  return text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text;
}

function endless(rest: string, name: string): MillraceError {
  const start = JSON.stringify(Buffer.from(rest.slice(0, 60), 'latin1').toString());
  return unreadable(name, `no quote closes a field of the record that starts with ${start}`);
}

function unreadable(name: string, reason: string): MillraceError {
  return new MillraceError('request', `can't read ${name} as CSV: ${reason}`);
}
