import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, posix } from 'node:path';
import { MillraceError } from '../core/errors.ts';

/**
 * The modules that entries load, with the entries, as a browser takes them, by their paths below `root`. TypeScript
 * loses its types, line by line in place. A package, by its name in `packages`, is imported from the path given there.
 *
 * @throws MillraceError `bug` where one imports what is neither a file below the root nor such a package.
 */
export function browserModules(
  root: string,
  entries: readonly string[],
  packages: Readonly<Record<string, string>>,
): Map<string, string> {
  const modules = new Map<string, string>();
  const left = [...entries];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (modules.has(path)) continue;
    const from = posix.dirname(path);
    const code = withoutTypes(readFileSync(join(root, path), 'utf8'));
    const linked = code.replace(imports, (whole, before: string, name: string) => {
      if (!name.startsWith('.')) {
        const place = packages[name];
        if (place === undefined) throw new MillraceError('bug', `${path} imports ${name}`);
        return `${before}'${posix.relative(from, place)}'`;
      }
      const target = posix.join(from, name);
      if (target.startsWith('..')) throw new MillraceError('bug', `${path} imports ${name}`);
      left.push(target);
      return whole;
    });
    modules.set(path, linked);
  }
  return modules;
}

/** A statement that imports or exports from a module, as the formatter writes it, up to the module's name. */
const imports = /^((?:import|export)\s(?:[^'";]*\sfrom\s+)?)'([^']+)'/gm;

/** Node still warns that this is an experiment. Millrace brings the Node it runs on, so nobody needs to hear it. */
function withoutTypes(code: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(code);
  } finally {
    process.emitWarning = emitWarning;
  }
}
