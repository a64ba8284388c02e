import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { build, type Plugin } from 'esbuild';

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

/** An ES module has to make the `require` itself that packages in the older form ask for. */
const banner =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/**
 * Modules of Node are required: an import reads all that a module exports, and some of that is only loaded when it is
 * read. `node:http` has a whole client for WebSocket behind it, which takes as long as a tenth of the app.
 */
const builtinsRequired: Plugin = {
  name: 'builtins-required',
  setup({ onResolve, onLoad }) {
    const namespace = 'builtin';
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace } : undefined,
    );
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** To a bundler `Type` is one object, of which it takes all; of a namespace it takes what is used, a tenth. */
const typesByName: Plugin = {
  name: 'types-by-name',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = source.replace(
        /^import \{ Type \} from 'typebox';$/m,
        "import * as Type from 'typebox/type';",
      );
      return { contents, loader: 'ts' };
    }),
};

/**
 * One ES module for Node 24 with all that an app imports, made to start fast. Classes and functions keep their names,
 * which errors and the container of the app show: what gives short ones their names back costs more than they save.
 */
export async function bundle({ entry, external = [] }: BundleOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The form of which only what is used is taken.
    mainFields: ['module', 'main'],
    plugins: [typesByName, builtinsRequired],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // An error at the start prints the line that it comes from: it must not be all of the bundle.
    lineLimit: 160,
    external: [...external],
    banner: { js: banner },
    write: false,
    metafile: true,
    logLevel: 'silent',
    logOverride: { 'import-is-undefined': 'error' },
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
