import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '../core/errors.ts';
import type { Pipeline } from '../core/pipeline.ts';

/**
 * The pipelines that a file exports: by default or by name, alone or in an array; each once, in the order of the
 * exports.
 *
 * @throws MillraceError `definition` when the file can't be loaded or exports none, with what is wrong.
 */
export async function loadPipelines(file: string): Promise<readonly Pipeline[]> {
  const path = resolve(file);
  if (!existsSync(path)) throw new MillraceError('request', `there is no pipeline file ${file}`);
  const found = new Set<Pipeline>();
  for (const value of Object.values(await load(file, path)).flat()) {
    if (isPipeline(value)) found.add(value);
  }
  if (found.size > 0) return [...found];
  throw new MillraceError(
    'definition',
    `${file} exports no pipeline: export what definePipeline returns, by default or by name`,
  );
}

async function load(file: string, path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    if (cause instanceof MillraceError) {
      const { code, message, problems } = cause;
      throw new MillraceError(code, `${file}: ${message}`, { cause, problems });
    }
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new MillraceError('definition', `can't load ${file}: ${reason}`, { cause });
  }
}

function isPipeline(value: unknown): value is Pipeline {
  if (typeof value !== 'object' || value === null) return false;
  return 'plan' in value && 'views' in value && typeof (value as Pipeline).name === 'string';
}

/** The one of several pipelines that a name means, or the only one there is; `option` is how the name is given. */
export function choosePipeline(
  pipelines: readonly Pipeline[],
  name: string | undefined,
  option: '--pipeline' | '--name',
): Pipeline {
  const names = pipelines.map((pipeline) => pipeline.name).join(', ');
  const found =
    name === undefined && pipelines.length === 1
      ? pipelines[0]
      : pipelines.find((pipeline) => pipeline.name === name);
  if (found !== undefined) return found;
  const text =
    name === undefined
      ? `say which pipeline with ${option}: ${names}`
      : `there is no pipeline '${name}'; there are: ${names}`;
  throw new MillraceError('request', text);
}
