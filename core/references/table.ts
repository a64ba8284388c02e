import { MillraceError } from '../errors.ts';
import type { JsonObject, Scalar } from '../event.ts';
import { hashBytes } from '../hash.ts';
import type { Limits } from '../limits.ts';
import type { ReferencePlan } from '../plan.ts';
import type { ReferenceTable } from './reference.ts';

/** Rows of a reference table, checked, by their key. */
export type Table = ReferenceTable<Scalar, JsonObject>;

/** A row of a file, or what stands in place of one. */
export interface FileRow {
  /** Its number in the file, from 1. */
  readonly row: number;
  /** Undefined where it is no object. */
  readonly value?: JsonObject | undefined;
}

const utf8 = new TextEncoder();
const text8 = new TextDecoder('utf-8', { fatal: true });
const problemsShown = 10;

/**
 * Checks the rows of a file.
 *
 * @throws MillraceError `request` that lists the rows that are wrong, the first ten of them, or the limit that the
 * table is over.
 */
export function checkRows(plan: ReferencePlan, rows: readonly FileRow[], limits: Limits): void {
  const problems: string[] = [];
  const seen = new Map<unknown, number>();
  if (rows.length > limits.referenceRowsMax) {
    problems.push(`${rows.length} rows, over ${limits.referenceRowsMax}`);
  }
  for (const { row, value } of rows) {
    const wrong = problemOf(plan, value);
    const key = value?.[plan.key];
    const before = seen.get(key);
    if (wrong !== null) problems.push(`row ${row}: ${wrong}`);
    else if (before !== undefined) {
      problems.push(`row ${row}: ${plan.key} ${JSON.stringify(key)} is that of row ${before} too`);
    } else seen.set(key, row);
  }
  if (problems.length === 0) return;
  const more = problems.length - problemsShown;
  const shown = problems.slice(0, problemsShown).map((problem) => `\n  - ${problem}`);
  const text = `the table of reference '${plan.name}' is refused:${shown.join('')}`;
  throw new MillraceError('request', more > 0 ? `${text}\n  - and ${more} more` : text, {
    problems,
  });
}

function problemOf({ key, check, explain }: ReferencePlan, value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'no object';
  if (!check(value)) return explain(value).join(', ');
  const found = (value as JsonObject)[key];
  const isKey = ['string', 'number', 'boolean'].includes(typeof found);
  return isKey ? null : `${key} must be text, a number or a boolean`;
}

/**
 * Rows as the bytes of a table, NDJSON.
 *
 * @throws MillraceError `too-large`.
 */
export function tableBytes(name: string, rows: readonly FileRow[], limits: Limits): Uint8Array {
  const bytes = utf8.encode(rows.map(({ value }) => `${JSON.stringify(value)}\n`).join(''));
  if (bytes.length <= limits.referenceBytesMax) return bytes;
  const most = limits.referenceBytesMax;
  const text = `the table of reference '${name}' has ${bytes.length} bytes as NDJSON, over ${most}`;
  throw new MillraceError('too-large', text, { problems: [text] });
}

/** The version of a table: a hash of its bytes. */
export function versionOf(bytes: Uint8Array): string {
  return hashBytes(bytes).toString(16).padStart(16, '0');
}

/**
 * The table of some bytes.
 *
 * @throws MillraceError `request` for rows that the definition of today refuses.
 */
export function tableOf(plan: ReferencePlan, bytes: Uint8Array, limits: Limits): Table {
  const lines = text8.decode(bytes).split('\n').slice(0, -1);
  const rows = lines.map((line, i) => ({ row: i + 1, value: JSON.parse(line) as JsonObject }));
  checkRows(plan, rows, limits);
  return new Map(rows.map(({ value }) => [value[plan.key] as Scalar, frozen(value)]));
}

/** A transform that changed a row would change what later events find there. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
