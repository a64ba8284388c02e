import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { MillraceError } from '../core/errors.ts';
import { hashBytes } from '../core/hash.ts';
import type { Pipeline } from '../core/pipeline.ts';
import { rowJson } from '../core/query/answer.ts';
import { type Finished, type Processed, run } from '../local-app/run.ts';
import { definitionHash } from '../local-app/run-input.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { partitionsGiven } from './folder.ts';
import { formatNames, type InputFormat, inputFormats, readRows } from './input/rows.ts';
import { LineOutput } from './output.ts';
import { loadPipelines } from './pipelines.ts';
import { progress, rowsIn } from './progress.ts';
import { givenTables, referenceOption } from './reference-file.ts';
import { sinkOption, sinksGiven } from './sinks.ts';
import { parseDigits, type ShownRow, viewTable } from './view-table.ts';

const shownRows = 20;

/** `millrace run`: a file to its end. */
export const command = defineCommand({
  name: 'run',
  summary: 'Process a file to its end and print the rows of every view',
  usage: 'run --pipeline <file.ts> --input <file|-> [options]',
  options: {
    pipeline: {
      type: 'string',
      placeholder: '<file.ts>',
      required: true,
      description: 'A file that exports one or more pipelines; it may lie anywhere',
    },
    input: {
      type: 'string',
      placeholder: '<file|->',
      required: true,
      description: 'The events, plain, .gz or .zst; - is the standard input',
    },
    format: {
      type: 'string',
      placeholder: '<format>',
      description: `${formatNames}; by default told by the file's name`,
    },
    id: {
      type: 'string',
      placeholder: '<expr>',
      description: 'Where the id comes from: a field, or a template like {origin}-{date}',
    },
    sort: {
      type: 'string',
      placeholder: '<field>',
      description: 'Process the rows in order of this field, not of the file',
    },
    partitions: {
      type: 'string',
      placeholder: '<n>',
      description: 'Partitions of the stream: those of the data folder; of a new one 4',
    },
    reference: referenceOption,
    data: {
      type: 'string',
      placeholder: '<dir>',
      description: 'Keep everything in this folder; a run that was cut off goes on there',
    },
    sink: sinkOption,
    json: { type: 'boolean', description: 'One JSON object per row, and the summary last' },
  },
  notes: `Rows without an id get <file name>:<row number>. Rows that are no events become dead
letters: see millrace dead-letters.

Examples:
  millrace run --pipeline pipelines/flights.ts --input flights.parquet
  zcat clicks.ndjson.gz | millrace run --pipeline clicks.ts --input - --json`,
  async run(values) {
    const pipelines = await loadPipelines(values.pipeline);
    const { json = false } = values;
    const finished = await processInput(pipelines, values);
    try {
      const output = new LineOutput();
      for (const one of finished.pipelines) {
        const named = finished.pipelines.length > 1;
        await (json ? writeJson(one, named, output) : writeTables(one, named, output));
      }
      await output.flush();
    } finally {
      finished.close();
    }
    return 0;
  },
});

const sampleBytes = 1_048_576;

interface Values {
  readonly input: string;
  readonly format?: string | undefined;
  readonly id?: string | undefined;
  readonly sort?: string | undefined;
  readonly partitions?: string | undefined;
  readonly data?: string | undefined;
  readonly reference?: readonly string[] | undefined;
  readonly sink?: readonly string[] | undefined;
}

async function processInput(pipelines: readonly Pipeline[], values: Values): Promise<Finished> {
  const { input: path, id, sort, data = null } = values;
  const { schema, idField } = (pipelines[0] as Pipeline).plan;
  const format = formatNamed(values.format);
  const rows = readRows({ path, format, id, idField, sort, schema });
  const tables = await givenTables(pipelines, values.reference ?? []);
  const shown = progress(process.stderr.isTTY ? await rowsIn(path, format) : null);
  try {
    return await run({
      pipelines,
      rows,
      tables,
      sinks: sinksGiven(values.sink),
      partitions: partitionsGiven(values.partitions, values.data),
      data,
      identity: {
        input: path === '-' ? 'stdin' : basename(path),
        bytes: path === '-' ? null : bytesOf(path),
        sample: path === '-' ? null : sampleOf(path, bytesOf(path)),
        format: format ?? null,
        id: id ?? null,
        sort: sort ?? null,
        pipelines: pipelines.map(({ name }) => name),
        definitions: pipelines.map(({ plan }) => definitionHash(plan)),
        references: tables.map(({ name }) => name),
      },
      onProgress: shown.rows,
    });
  } finally {
    shown.end();
  }
}

function bytesOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return stats.size;
  const reason = stats === undefined ? 'there is no such file' : 'it is no file';
  throw new MillraceError('request', `can't read ${path}: ${reason}`);
}

/** A hash of the first and the last megabyte of a file. */
function sampleOf(path: string, bytes: number): string {
  const file = openSync(path, 'r');
  try {
    const length = Math.min(bytes, sampleBytes);
    const sample = new Uint8Array(2 * length);
    readSync(file, sample, 0, length, 0);
    readSync(file, sample, length, length, bytes - length);
    return hashBytes(sample).toString(16);
  } finally {
    closeSync(file);
  }
}

function formatNamed(name: string | undefined): InputFormat | undefined {
  if (name === undefined) return undefined;
  const format = inputFormats.find((one) => one === name);
  if (format !== undefined) return format;
  throw new UsageError(`--format is ${formatNames}, not ${name}`);
}

async function writeJson(one: Processed, named: boolean, output: LineOutput): Promise<void> {
  const name = named ? `"pipeline":${JSON.stringify(one.pipeline)},` : '';
  for await (const { rows, selected, finalTo } of one.rows()) {
    for (const row of selected)
      await output.line(`{${name}${rowJson(rows, row, finalTo).slice(1)}`);
  }
  await output.line(`{${name}"summary":${JSON.stringify(one.summary)}}`);
}

async function writeTables(one: Processed, named: boolean, output: LineOutput): Promise<void> {
  const shown = new Map<string, string[]>();
  const sizes = new Map<string, number>();
  for await (const { rows, selected, finalTo } of one.rows()) {
    const { name } = rows.view;
    const texts = shown.get(name) ?? [];
    shown.set(name, texts);
    for (const row of selected.slice(0, shownRows - texts.length)) {
      texts.push(rowJson(rows, row, finalTo));
    }
    sizes.set(name, (sizes.get(name) ?? 0) + selected.length);
  }
  if (named) await output.line(`pipeline ${one.pipeline}\n`);
  for (const [view, { counted, late }] of Object.entries(one.summary.views)) {
    const texts = shown.get(view) ?? [];
    const size = sizes.get(view) ?? 0;
    await output.line(`${view}: ${size} rows of ${counted} events, ${late} late`);
    await output.line(
      viewTable(
        texts.map((text) => parseDigits(text) as ShownRow),
        '  ',
      ),
    );
    const more = size - texts.length;
    if (more > 0) await output.line(`  … and ${more} more rows: --json prints all of them`);
    await output.line('');
  }
  const { received, accepted, duplicates, filtered, deadLettered } = one.summary;
  await output.line(
    `${received} events received: ${accepted} accepted, ${duplicates} duplicates, ` +
      `${filtered} filtered, ${deadLettered} dead letters`,
  );
}
