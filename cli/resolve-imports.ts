import { registerHooks } from 'node:module';

/** The packages that a pipeline file may import wherever it lies. */
const shared = /^(?:millrace|typebox)(?:\/|$)/;

/**
 * Lets a pipeline file anywhere find `millrace` and `typebox`: `millrace` is always this clone, so that there is one
 * core in the process; `typebox` is the file's own where it has one. TypeScript files are taken as ES modules whatever
 * the package.json near them says, as those of Millrace are.
 */
export function resolveImports(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const own = { ...context, parentURL: import.meta.url };
      if (/^millrace(?:\/|$)/.test(specifier)) return next(specifier, own);
      const found = shared.test(specifier)
        ? either(
            () => next(specifier, context),
            () => next(specifier, own),
          )
        : next(specifier, context);
      return found.url.endsWith('.ts') ? { ...found, format: 'module-typescript' } : found;
    },
  });
}

function either<T>(first: () => T, second: () => T): T {
  try {
    return first();
  } catch {
    return second();
  }
}
