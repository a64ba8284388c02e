import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../core/errors.ts';
import type { Pipeline } from '../core/pipeline.ts';
import { defineCommand } from './command.ts';
import { readRows } from './input/rows.ts';
import { print } from './output.ts';
import { choosePipeline, loadPipelines } from './pipelines.ts';
import { measure } from './profile/measure.ts';
import { wholeNumber } from './whole-number.ts';

const starts = 3;

/** `millrace profile`: what a pipeline takes on its own events, for `millrace cost`. */
export const command = defineCommand({
  name: 'profile',
  summary: 'Measure what a pipeline takes on its own events, for millrace cost',
  usage: 'profile --pipeline <file.ts> --input <file|-> [options]',
  options: {
    pipeline: {
      type: 'string',
      placeholder: '<file.ts>',
      required: true,
      description: 'A file that exports the pipeline',
    },
    name: {
      type: 'string',
      placeholder: '<name>',
      description: 'The name of the pipeline, where the file exports several',
    },
    input: {
      type: 'string',
      placeholder: '<file|->',
      required: true,
      description: 'Its events: NDJSON, CSV or Parquet, plain, .gz or .zst; 1,000 at least',
    },
    id: {
      type: 'string',
      placeholder: '<expr>',
      description: 'Where the id comes from: a field, or a template like {origin}-{date}',
    },
    events: {
      type: 'string',
      placeholder: '<n>',
      default: '200000',
      description: 'Take this many events from the beginning of the input, at most',
    },
    out: {
      type: 'string',
      placeholder: '<file>',
      description: 'Where the profile goes; the standard output by default',
    },
    json: { type: 'boolean', description: 'The profile, which is JSON, on one line' },
  },
  notes: `It runs the real core over memory, in batches of 1 to 5,000 events, and takes about a
minute. The machine should have nothing else to do: CPU times are of this one.

Examples:
  millrace profile --pipeline clicks.ts --input clicks.ndjson --out profile.json
  millrace cost --profile profile.json --events-per-second 500`,
  async run({ pipeline: file, name, input, id, events: most, out, json = false }) {
    const pipeline = choosePipeline(await loadPipelines(file), name, '--name');
    const events = await eventsOf(pipeline, input, id, wholeNumber('--events', most));
    const profile = await measure({
      ...{ pipeline, events },
      input: input === '-' ? 'standard input' : basename(input),
      startMs: startMsOf(file),
      version: versionOf(),
    });
    const text = JSON.stringify(profile, null, json ? undefined : 2);
    if (out === undefined) await print(text);
    else {
      writeFileSync(out, `${text}\n`);
      await print(`${out}: ${pipeline.name} on ${profile.events} events of ${profile.input}`);
    }
    return 0;
  },
});

async function eventsOf(
  { plan }: Pipeline,
  path: string,
  id: string | undefined,
  most: number,
): Promise<string[]> {
  const events: string[] = [];
  const { schema, idField } = plan;
  for await (const rows of readRows({ path, id, idField, schema })) {
    for (const { value, raw } of rows) {
      events.push(value === undefined ? Buffer.from(raw).toString() : JSON.stringify(value));
    }
    if (events.length >= most) break;
  }
  return events.slice(0, most);
}

/** From the start of a process to the end of a run without events: the least of a few, milliseconds. */
function startMsOf(pipeline: string): number {
  const program = fileURLToPath(new URL('./millrace.ts', import.meta.url));
  const times: number[] = [];
  for (let i = 0; i < starts; i += 1) {
    const from = performance.now();
    const args = [program, 'run', '--pipeline', pipeline, '--input', '-'];
    const { status, stderr } = spawnSync(process.execPath, args, { input: '' });
    if (status !== 0) throw new MillraceError('request', `can't start it: ${stderr}`);
    times.push(performance.now() - from);
  }
  return Math.round(Math.min(...times));
}

function versionOf(): string {
  const file = new URL('../package.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
