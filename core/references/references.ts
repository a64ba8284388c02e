import type { Compression } from '../compression.ts';
import { MillraceError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { ReferencePlan } from '../plan.ts';
import type { Clock } from '../ports/clock.ts';
import type { PageContext } from '../view/page.ts';
import { checkRows, type FileRow, type Table, tableBytes, tableOf, versionOf } from './table.ts';
import type { Versions } from './versions.ts';

/** The tables that one fold uses, and their versions. */
export interface TablesInForce {
  readonly tables: Readonly<Record<string, Table>>;
  readonly versions: Versions;
}

/** An object to put. */
export interface NamedObject {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Those of a pipeline without references. */
export const noTables: TablesInForce = Object.freeze({ tables: {}, versions: {} });

const utf8 = new TextEncoder();
const text8 = new TextDecoder('utf-8', { fatal: true });
const versionPattern = /^[0-9a-f]{16}$/;

/** Where the tables of a reference lie: one object per version, and one that names the version in force. */
export function referenceName(pipeline: string, reference: string, part: string): string {
  return `references/${pipeline}/${reference}/${part}`;
}

/**
 * The objects of a table, to be put in this order: its rows under the name of their hash, then the pointer.
 *
 * @throws MillraceError `request` for rows that are refused, `too-large`.
 */
export function referenceObjects(
  pipeline: string,
  plan: ReferencePlan,
  rows: readonly FileRow[],
  { compression, limits }: { readonly compression: Compression; readonly limits: Limits },
): readonly [table: NamedObject, current: NamedObject] {
  checkRows(plan, rows, limits);
  const bytes = tableBytes(plan.name, rows, limits);
  const version = versionOf(bytes);
  const current = utf8.encode(JSON.stringify({ version, rows: rows.length }));
  return [
    { name: referenceName(pipeline, plan.name, version), bytes: compression.compress(bytes) },
    { name: referenceName(pipeline, plan.name, 'current'), bytes: current },
  ];
}

/** The tables of a pipeline's references, looked at again every `referenceSecondsMax`. */
export class References {
  private readonly journal: PageContext;
  private readonly clock: Clock;
  private held: TablesInForce = noTables;
  private checkedAt = Number.NEGATIVE_INFINITY;
  private checking: Promise<TablesInForce> | null = null;

  constructor(journal: PageContext, clock: Clock) {
    this.journal = journal;
    this.clock = clock;
  }

  /**
   * The tables in force.
   *
   * @throws MillraceError `missing` for a table that was never put or is not there yet, `damaged`, `request` for one
   * that the definition refuses, and what the store throws: no event is folded without its tables.
   */
  async current(): Promise<TablesInForce> {
    const { plan, limits } = this.journal;
    if (plan.references.length === 0) return noTables;
    if (this.clock.now() - this.checkedAt < limits.referenceSecondsMax * 1_000) return this.held;
    // Partitions that fold side by side wait for the same look.
    this.checking ??= this.check().finally(() => {
      this.checking = null;
    });
    return this.checking;
  }

  private async check(): Promise<TablesInForce> {
    const now = this.clock.now();
    const { references } = this.journal.plan;
    const found = await Promise.all(references.map((plan) => this.tableOf(plan)));
    const isSame = found.every(([name, version]) => this.held.versions[name] === version);
    if (!isSame) {
      this.held = {
        tables: Object.fromEntries(found.map(([name, , table]) => [name, table])),
        versions: Object.fromEntries(found.map(([name, version]) => [name, version])),
      };
    }
    this.checkedAt = now;
    return this.held;
  }

  private async tableOf(
    plan: ReferencePlan,
  ): Promise<readonly [name: string, version: string, table: Table]> {
    const { objects, scope, compression, limits } = this.journal;
    const { name } = plan;
    const pointer = referenceName(scope.pipeline, name, 'current');
    const current = await objects.get(pointer);
    if (current === null) throw missing(pointer, `reference '${name}' has no table: put one`);
    const version = versionIn(pointer, current);
    const held = this.held.tables[name];
    if (held !== undefined && this.held.versions[name] === version) return [name, version, held];
    const object = referenceName(scope.pipeline, name, version);
    const packed = await objects.get(object);
    if (packed === null) throw missing(object, `the table of reference '${name}' is not there`);
    const bytes = unpacked(object, packed, compression, limits);
    if (versionOf(bytes) !== version) {
      throw new MillraceError('damaged', `${object}: its content is not what its name says`);
    }
    return [name, version, tableOf(plan, bytes, limits)];
  }
}

function versionIn(name: string, bytes: Uint8Array): string {
  try {
    const { version } = JSON.parse(text8.decode(bytes));
    if (versionPattern.test(version)) return version;
  } catch {
    // Told below.
  }
  throw new MillraceError('damaged', `${name}: it names no version`);
}

function unpacked(
  name: string,
  packed: Uint8Array,
  compression: Compression,
  limits: Limits,
): Uint8Array {
  try {
    return compression.decompress(packed, limits.referenceBytesMax);
  } catch (cause) {
    throw new MillraceError('damaged', `${name}: it can't be unpacked`, { cause });
  }
}

function missing(name: string, what: string): MillraceError {
  return new MillraceError('missing', `${name}: ${what}; no event is folded without it`);
}
