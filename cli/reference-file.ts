import { basename } from 'node:path';
import { compression } from '../adapters/compression.ts';
import { MillraceError } from '../core/errors.ts';
import { defaultLimits } from '../core/limits.ts';
import type { Pipeline } from '../core/pipeline.ts';
import type { ReferencePlan } from '../core/plan.ts';
import { type NamedObject, referenceObjects } from '../core/references/references.ts';
import type { FileRow } from '../core/references/table.ts';
import { UsageError } from './arguments.ts';
import { readRows } from './input/rows.ts';

/** The option of commands that may bring reference tables along. */
export const referenceOption = {
  type: 'string',
  placeholder: '<name=file>',
  multiple: true,
  description: 'A reference table of the pipelines, CSV or NDJSON, put before they begin',
} as const;

/**
 * The objects of the tables that {@link referenceOption} was given.
 *
 * @throws UsageError, and as {@link tableObjects} does.
 */
export async function givenTables(
  pipelines: readonly Pipeline[],
  given: readonly string[],
): Promise<readonly NamedObject[]> {
  const objects: NamedObject[] = [];
  for (const text of given) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--reference ${text} is not like airports=airports.csv`);
    objects.push(...(await tableObjects(pipelines, text.slice(0, at), text.slice(at + 1))));
  }
  return objects;
}

/**
 * The objects of a table for every pipeline that has a reference of its name, to be put in this order.
 *
 * @throws MillraceError `request` for a name that no pipeline has, a file that can't be read and rows that are
 * refused; `too-large`.
 */
export async function tableObjects(
  pipelines: readonly Pipeline[],
  name: string,
  file: string,
): Promise<readonly NamedObject[]> {
  const found = pipelines.flatMap(({ name: pipeline, plan }) =>
    plan.references.flatMap((one) => (one.name === name ? [{ pipeline, plan: one }] : [])),
  );
  if (found.length === 0) {
    const there = pipelines.flatMap(({ plan }) => plan.references.map((one) => one.name));
    const has =
      there.length === 0 ? 'there is none' : `there are ${[...new Set(there)].join(', ')}`;
    throw new MillraceError('request', `there is no reference '${name}'; ${has}`);
  }
  const objects: NamedObject[] = [];
  for (const { pipeline, plan } of found) {
    const rows = await rowsOf(file, plan);
    try {
      objects.push(
        ...referenceObjects(pipeline, plan, rows, { compression, limits: defaultLimits }),
      );
    } catch (cause) {
      if (!(cause instanceof MillraceError)) throw cause;
      const { code, message, problems } = cause;
      throw new MillraceError(code, `${basename(file)}: ${message}`, { cause, problems });
    }
  }
  return objects;
}

async function rowsOf(path: string, { schema }: ReferencePlan): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const chunk of readRows({ path, idField: null, schema })) {
    // One more than there may be is enough to refuse them.
    if (rows.length > defaultLimits.referenceRowsMax) break;
    for (const { row, value } of chunk) rows.push({ row, value });
  }
  return rows;
}
