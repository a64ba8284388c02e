import { build } from 'esbuild';

/** What a bundle is made of. */
export interface BundleOptions {
  /** The file that the host loads. */
  readonly entry: string;
  /** Packages that the host brings. */
  readonly external?: readonly string[];
}

/** A bundle and where its bytes come from. */
export interface Bundle {
  readonly bytes: Uint8Array;
  /** Bytes per package, `''` for our own files, largest first. */
  readonly parts: readonly (readonly [name: string, bytes: number])[];
}

/** Packages in the older module form ask for `require`, which an ES module has to make itself. */
const banner = `import { createRequire as makeRequire } from 'node:module';
const require = makeRequire(import.meta.url);`;

/**
 * One ES module for Node 24 with all that an app imports. Names of classes and functions are kept: errors and the
 * container of the app show them.
 */
export async function bundle({ entry, external = [] }: BundleOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    // An error at the start prints the line that it comes from: it must not be all of the bundle.
    lineLimit: 160,
    external: [...external],
    banner: { js: banner },
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  if (file === undefined || output === undefined) throw new Error(`${entry} gave no bundle`);
  const parts = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = packageOf(path);
    parts.set(name, (parts.get(name) ?? 0) + bytesInOutput);
  }
  return { bytes: file.contents, parts: [...parts].sort(([, a], [, b]) => b - a) };
}

function packageOf(path: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? '';
}
