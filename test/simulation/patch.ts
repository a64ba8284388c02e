import { registerHooks } from 'node:module';

/** A change of the text of one module. */
export interface Patch {
  /** The module, from the root of the repository. */
  readonly file: string;
  /** A text that stands in it exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** The source with the patch in it. @throws Error when it does not fit, so that a patch can't go stale unseen. */
export function patched(source: string, { file, find, replace }: Patch): string {
  const times = source.split(find).length - 1;
  if (times !== 1) throw new Error(`${file} holds ${times} times, not once: ${find}`);
  return source.replace(find, () => replace);
}

/** From now on the module is loaded with the patch in it. Must run before anything imports it. */
export function install(patch: Patch): void {
  const url = new URL(`../../${patch.file}`, import.meta.url).href;
  registerHooks({
    load(asked, context, next) {
      const loaded = next(asked, context);
      if (asked !== url) return loaded;
      const source =
        typeof loaded.source === 'string'
          ? loaded.source
          : new TextDecoder().decode(loaded.source as Uint8Array);
      return { ...loaded, source: patched(source, patch) };
    },
  });
}
