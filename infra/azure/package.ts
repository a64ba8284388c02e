import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { archiveOf, type Package } from '../archive.ts';
import { bundle } from '../bundle.ts';

/** The folder and the archive that a package is written to; the Azure Developer CLI takes the folder. */
export const packageName = 'azure';

/**
 * Bundles the app, pipelines and all, and puts beside it what the host needs. Nothing is left to ignore files: what is
 * not put in is not there.
 *
 * @param root the folder of host.json, package.json and azure-app/main.ts.
 */
export async function azurePackage(root: string): Promise<Package> {
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

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
