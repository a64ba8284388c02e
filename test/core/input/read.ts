import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { compression } from '../../../adapters/compression.ts';
import type { InputRow } from '../../../cli/input/input-row.ts';
import { type ReadOptions, readRows } from '../../../cli/input/rows.ts';
import { defaultLimits } from '../../../core/limits.ts';
import { unpack } from '../../../core/record/unpack.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The path of a new file in a folder of its own, which is removed after the test. */
export function newFile(name: string, content?: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-input-'));
  folders.push(folder);
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

/** All rows. */
export async function readAll(options: ReadOptions): Promise<InputRow[]> {
  const rows: InputRow[] = [];
  for await (const chunk of readRows(options)) rows.push(...chunk);
  return rows;
}

/** The rows as objects, in order; a raw row is its text. */
export async function valuesOf(options: ReadOptions): Promise<unknown[]> {
  return (await readAll(options)).map(({ value, raw }) => value ?? new TextDecoder().decode(raw));
}

/** The bytes in pieces, as a stream may deliver them. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** How the pipeline takes a raw row: the reasons why it is no event, one per event that it sees in it. */
export function faultsOf(raw: Uint8Array): (string | null)[] {
  const record = { position: 1n, partitionKey: '0', arrival: 0, body: raw };
  const { values, errors } = unpack(record, compression, defaultLimits);
  return values.map((value, line) => (value === null ? (errors?.get(line) ?? '') : null));
}
