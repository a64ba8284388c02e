import { eventTimeMax } from '../event.ts';
import { stateOf } from './answer.ts';
import type { Read } from './reader.ts';
import { valueColumns } from './value-columns.ts';

/**
 * Rows as CSV (RFC 4180) with a header: window, state, the parts of the key, then the values; numbers with all their
 * digits, nothing (as the key of an overflow row is) as an empty field, an empty text as `""`, the most frequent values
 * as JSON. Texts stand as they are.
 */
export function csvOf(read: Read): string {
  const { rows, selected } = read;
  const { key, lateness } = rows.view;
  const values = valueColumns(rows);
  const head = ['start', 'end', 'state', ...key.map((part) => `key.${part}`)];
  const lines = [[...head, ...values.map(({ name }) => name)].map(field)];
  for (const row of selected) {
    const end = rows.end(row);
    lines.push([
      new Date(rows.starts[row] as number).toISOString(),
      new Date(Math.min(end, eventTimeMax)).toISOString(),
      stateOf(end, lateness, read),
      ...rows.key(row).map((part) => (typeof part === 'string' ? field(part) : String(part ?? ''))),
      ...values.map((value) => jsonField(value.json(row))),
    ]);
  }
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function jsonField(json: string): string {
  if (json === 'null') return '';
  if (json.startsWith('"')) return field(JSON.parse(json));
  return field(json);
}

function field(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
