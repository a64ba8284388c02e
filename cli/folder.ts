import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Served } from '../core/engine.ts';
import { MillraceError } from '../core/errors.ts';
import { type App, compose, databaseFile } from '../local-app/composition.ts';
import { localConfig, partitionsDefault, partitionsMax } from '../local-app/config.ts';
import { choosePipeline, loadPipelines } from './pipelines.ts';
import { wholeNumber } from './whole-number.ts';

/** The options of all commands that read a data folder. */
export const folderOptions = {
  data: {
    type: 'string',
    placeholder: '<dir>',
    default: '.millrace/demo',
    description: 'The data folder; a server may be at work on it',
  },
  pipelines: {
    type: 'string',
    placeholder: '<file.ts>',
    description: "The file of the pipelines; by default Millrace's own pipelines/index.ts",
  },
  json: { type: 'boolean', description: 'JSON, for programs' },
} as const;

/** The option that names one of several pipelines. */
export const pipelineOption = {
  type: 'string',
  placeholder: '<name>',
  description: 'Which pipeline, where the file has several',
} as const;

/** Values of {@link folderOptions}. */
export interface FolderValues {
  readonly data: string;
  readonly pipelines?: string | undefined;
}

/** The pipelines that the options mean. */
export function pipelinesOf({ pipelines }: Pick<FolderValues, 'pipelines'>) {
  return loadPipelines(
    pipelines ?? fileURLToPath(new URL('../pipelines/index.ts', import.meta.url)),
  );
}

/**
 * Opens a data folder to read it. The caller closes the app.
 *
 * @throws MillraceError `request` for what is no data folder, which is left as it is, and for one that holds nothing
 * of these pipelines.
 */
export async function openFolder(values: FolderValues): Promise<App> {
  const { partitions, names } = contentsOf(values.data);
  const pipelines = await pipelinesOf(values);
  const there = pipelines.filter(({ name }) => names.includes(name));
  if (there.length === 0) {
    const holds = names.length === 0 ? 'nothing yet' : names.join(', ');
    const given = pipelines.map(({ name }) => name).join(', ');
    throw new MillraceError(
      'request',
      `${values.data} holds no state of ${given}; it holds ${holds}. ` +
        'Give the file of its pipelines with --pipelines',
    );
  }
  return compose(localConfig({ pipelines: there, partitions, data: values.data }));
}

/** Does the work on an open folder. */
export async function withFolder<T>(
  values: FolderValues,
  work: (app: App) => Promise<T>,
): Promise<T> {
  const app = await openFolder(values);
  try {
    return await work(app);
  } finally {
    app.close();
  }
}

/** The pipeline of an open folder that a name means, or the only one there is. */
export function servedOf(app: App, name: string | undefined): Served {
  const pipeline = choosePipeline(app.config.pipelines, name, '--pipeline');
  return app.served.get(pipeline.name) as Served;
}

/**
 * The partitions of a stream: those that were asked for, else those of a data folder that is there, else 4.
 *
 * @throws UsageError for what is no number of partitions.
 */
export function partitionsGiven(asked: string | undefined, data: string | undefined): number {
  if (asked !== undefined) return wholeNumber('--partitions', asked, partitionsMax);
  const isThere = data !== undefined && existsSync(join(data, databaseFile));
  return (isThere && contentsOf(data).partitions) || partitionsDefault;
}

/** What a folder holds: read without a change to it. */
function contentsOf(folder: string): { readonly partitions: number; readonly names: string[] } {
  const file = join(folder, databaseFile);
  if (!existsSync(folder)) throw noFolder(`there is no data folder ${folder}`);
  if (!existsSync(file)) throw noFolder(`${folder} is no data folder of Millrace`);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 2_000 });
    const counted = database.prepare('SELECT count(*) AS count FROM log_partitions').get();
    const items = database.prepare("SELECT partition FROM items WHERE sort = 'partitions'").all();
    return {
      partitions: Number(counted?.['count']),
      names: items.map((item) => String(item['partition']).split('/')[0] as string).sort(),
    };
  } catch (cause) {
    throw noFolder(`${folder} is no data folder of Millrace: ${(cause as Error).message}`, cause);
  } finally {
    database?.close();
  }
}

function noFolder(text: string, cause?: unknown): MillraceError {
  return new MillraceError('request', text, { cause, problems: [text] });
}
