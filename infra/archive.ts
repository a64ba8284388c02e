import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import type { Bundle } from './bundle.ts';

/** A file of a package; `path` is relative, with forward slashes. */
export interface PackagedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A package as it is uploaded. */
export interface Package {
  readonly files: readonly PackagedFile[];
  readonly archive: Uint8Array;
  readonly bundle: Bundle;
}

/** Packs files. There is one fixed time for all, so that equal packages are equal bytes; Unix's rights of a plain file. */
export function archiveOf(files: readonly PackagedFile[]): Uint8Array {
  const options = { level: 9, mtime: '2000-01-01T00:00:00', os: 3, attrs: 0o100644 << 16 } as const;
  const entries: Zippable = {};
  for (const { path, bytes } of files) entries[path] = [bytes, options];
  return zipSync(entries);
}

/** Writes a package into `folder`, as a folder `<name>` and as `<name>.zip`; gives the archive's path. */
export function writePackage({ files, archive }: Package, folder: string, name: string): string {
  const staged = join(folder, name);
  rmSync(staged, { recursive: true, force: true });
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(staged, path)), { recursive: true });
    writeFileSync(join(staged, path), bytes);
  }
  const path = join(folder, `${name}.zip`);
  writeFileSync(path, archive);
  return path;
}
