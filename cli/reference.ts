import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MillraceError } from '../core/errors.ts';
import type { NamedObject } from '../core/references/references.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { folderOptions, pipelinesOf, withFolder } from './folder.ts';
import { print } from './output.ts';
import { tableObjects } from './reference-file.ts';

/** `millrace reference`: the tables that transforms look things up in. */
export const command = defineCommand({
  name: 'reference',
  summary: 'Put a new version of a reference table',
  usage: 'reference put <name> <file> [options]',
  positionals: [3, 3],
  options: {
    out: {
      type: 'string',
      placeholder: '<dir>',
      description: 'Write the objects of the table to this folder, to be copied to a cloud',
    },
    ...folderOptions,
  },
  notes: `The file is CSV with a header, NDJSON or Parquet. Rows that don't match the schema of the
reference, and keys that are there twice, refuse all of it. A server takes a new version within a
minute.

Examples:
  millrace reference put airports airports.csv --pipelines trips.ts --data trips
  millrace reference put airports airports.csv --pipelines trips.ts --out upload
  aws s3 sync upload s3://<objects bucket>`,
  async run(values, [action, name = '', file = '']) {
    if (action !== 'put') throw new UsageError('it is: millrace reference put <name> <file>');
    const objects = await tableObjects(await pipelinesOf(values), name, file);
    if (values.out !== undefined) write(values.out, objects);
    else {
      await withFolder(values, async (app) => {
        for (const { name: object, bytes } of objects) await app.objects.put(object, bytes);
      });
    }
    const put = objects.map((one) => one.name);
    await print(values.json ? JSON.stringify({ put }) : put.join('\n'));
    return 0;
  },
});

function write(folder: string, objects: readonly NamedObject[]): void {
  try {
    for (const { name, bytes } of objects) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
  } catch (cause) {
    const { message } = cause as Error;
    throw new MillraceError('request', `can't write to ${folder}: ${message}`, { cause });
  }
}
