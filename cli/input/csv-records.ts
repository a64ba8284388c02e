/** One record of a CSV file, RFC 4180. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** The record as it stands in the file, without its line end. */
  readonly text: string;
  /** What is wrong with its quotes; null if nothing is. */
  readonly fault: string | null;
}

/** What comes of a text so far. */
export interface CsvRecords {
  readonly records: readonly CsvRecord[];
  /** What follows the last complete record, to stand before the next piece. */
  readonly rest: string;
}

/**
 * The records of a text whose structure is ASCII. Lines end with LF or CRLF, and blank lines are no records. A quote
 * within a field that does not start with one is a character like any other. After a field with text behind its
 * closing quote the record ends with the line, and has a fault.
 *
 * @param last true when nothing follows; then `rest` is either empty or starts a quoted field that never ends.
 */
export function csvRecords(text: string, last: boolean): CsvRecords {
  const records: CsvRecord[] = [];
  let at = 0;
  while (at < text.length) {
    const found = recordAt(text, at, last);
    if (found === null) break;
    if (found.record.text !== '') records.push(found.record);
    at = found.next;
  }
  return { records, rest: text.slice(at) };
}

interface Found {
  readonly record: CsvRecord;
  /** Where the next record starts. */
  readonly next: number;
}

/** Null if the record goes on behind the text. */
function recordAt(text: string, from: number, last: boolean): Found | null {
  const fields: string[] = [];
  let at = from;
  for (;;) {
    const field = text[at] === '"' ? quotedAt(text, at) : plainAt(text, at);
    if (field === null) return null;
    fields.push(field.value);
    at = field.end;
    if (text[at] !== ',') break;
    at++;
  }
  const newline = text.indexOf('\n', at);
  if (newline === -1 && !last) return null;
  const end = newline === -1 ? text.length : newline;
  const to = end > from && text[end - 1] === '\r' ? end - 1 : end;
  const fault = at < to ? `text behind the closing quote of field ${fields.length}` : null;
  return { record: { fields, text: text.slice(from, to), fault }, next: end + 1 };
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function plainAt(text: string, from: number): Field {
  let end = from;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x2c || code === 0x0a) break;
  }
  const to = end > from && text[end] !== ',' && text[end - 1] === '\r' ? end - 1 : end;
  return { value: text.slice(from, to), end: to };
}

/** Null if no quote closes the field. */
function quotedAt(text: string, from: number): Field | null {
  let value = '';
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return null;
    const escaped = text[quote + 1] === '"';
    value += text.slice(at, escaped ? quote + 1 : quote);
    if (!escaped) return { value, end: quote + 1 };
    at = quote + 2;
  }
}
