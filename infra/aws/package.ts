import { join } from 'node:path';
import { archiveOf, type Package } from '../archive.ts';
import { bundle } from '../bundle.ts';

/** The folder and the archive that a package is written to. */
export const packageName = 'aws';

/** The file in the package, as the handlers of the functions name it. */
const mainFile = 'main.mjs';

/**
 * Bundles the app, pipelines and all: one module, from which every function takes its handler. The clients of AWS are
 * in it, since those of the runtime change without being asked, and start slower.
 *
 * @param root the folder of aws-app/main.ts.
 */
export async function awsPackage(root: string): Promise<Package> {
  const bundled = await bundle({ entry: join(root, 'aws-app/main.ts') });
  const files = [{ path: mainFile, bytes: bundled.bytes }];
  return { files, archive: archiveOf(files), bundle: bundled };
}
