import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { type Bundle, bundle } from '../bundle.ts';

/** A file of a package; `path` is relative, with forward slashes. */
export interface PackagedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A package as it is uploaded: three files. */
export interface AzurePackage {
  readonly files: readonly PackagedFile[];
  readonly archive: Uint8Array;
  readonly bundle: Bundle;
}

/**
 * Bundles the app, pipelines and all, and puts beside it what the host needs. Nothing is left to ignore files: what is
 * not put in is not there.
 *
 * @param root the folder of host.json, package.json and azure-app/main.ts.
 */
export async function azurePackage(root: string): Promise<AzurePackage> {
  const bundled = await bundle({
    entry: join(root, 'azure-app/main.ts'),
    // The host's worker brings it, and hands it out by name.
    external: ['@azure/functions-core'],
  });
  const host: unknown = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
  const { name, version, license, main }: Readonly<Record<string, string>> = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  if (main === undefined) throw new Error('package.json does not say where the bundle is: main');
  // No scripts and no dependencies: there is nothing left to build or to install.
  const manifest = { name, version, license, private: true, type: 'module', main };
  const files = [
    { path: 'host.json', bytes: jsonBytes(host) },
    { path: 'package.json', bytes: jsonBytes(manifest) },
    { path: main, bytes: bundled.bytes },
  ];
  return { files, archive: archiveOf(files), bundle: bundled };
}

/** Writes a package as a folder `azure`, for the Azure Developer CLI, and as `azure.zip`; gives the archive's path. */
export function writePackage({ files, archive }: AzurePackage, folder: string): string {
  const staged = join(folder, 'azure');
  rmSync(staged, { recursive: true, force: true });
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(staged, path)), { recursive: true });
    writeFileSync(join(staged, path), bytes);
  }
  const path = join(folder, 'azure.zip');
  writeFileSync(path, archive);
  return path;
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** One fixed time for all files, so that equal packages are equal bytes; Unix's rights of a plain file. */
function archiveOf(files: readonly PackagedFile[]): Uint8Array {
  const options = { level: 9, mtime: '2000-01-01T00:00:00', os: 3, attrs: 0o100644 << 16 } as const;
  const entries: Zippable = {};
  for (const { path, bytes } of files) entries[path] = [bytes, options];
  return zipSync(entries);
}
