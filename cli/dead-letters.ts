import { MillraceError } from '../core/errors.ts';
import { readPartitions } from '../core/journal/partitions.ts';
import { type Kept, keptEvents } from '../core/query/kept.ts';
import type { App } from '../local-app/composition.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { folderOptions, withFolder } from './folder.ts';
import { print } from './output.ts';
import { table, timeColumn } from './table.ts';
import { wholeNumber } from './whole-number.ts';

const shownCharacters = 60;

/** `millrace dead-letters`: what could not be counted. */
export const command = defineCommand({
  name: 'dead-letters',
  summary: 'List the events that could not be counted, or show one with its reason',
  usage: 'dead-letters list | dead-letters show <n or ref> [options]',
  positionals: [1, 2],
  options: {
    limit: { type: 'string', placeholder: '<n>', default: '100', description: 'The most listed' },
    ...folderOptions,
  },
  notes: `n is the number in the list. A ref, <pipeline>/<partition>/<entry>/<place>, stays the same
when more come.

Examples:
  millrace dead-letters list --data clicks
  millrace dead-letters show 1 --data clicks`,
  async run(values, [action, which]) {
    const limit = wholeNumber('--limit', values.limit);
    const { json = false } = values;
    if (action === 'list' && which === undefined) {
      await print(await withFolder(values, (app) => list(app, limit, json)));
    } else if (action === 'show' && which !== undefined) {
      await print(await withFolder(values, (app) => show(app, which, json)));
    } else {
      throw new UsageError('it is: millrace dead-letters list, or dead-letters show <n or ref>');
    }
    return 0;
  },
});

interface Numbered extends Kept<'_dead'> {
  /** In the order of pipelines, partitions and entries, from 1. */
  readonly number: number;
  readonly pipeline: string;
  readonly ref: string;
}

async function* all(app: App): AsyncGenerator<Numbered> {
  let number = 0;
  for (const [pipeline, { journal }] of app.served) {
    for (const partition of (await readPartitions(journal))?.everSeen ?? []) {
      for await (const kept of keptEvents(journal, partition, '_dead')) {
        number += 1;
        const ref = `${pipeline}/${partition}/${kept.entry}/${kept.index}`;
        yield { ...kept, number, pipeline, ref };
      }
    }
  }
}

async function list(app: App, limit: number, json: boolean): Promise<string> {
  const found: Numbered[] = [];
  let more = false;
  for await (const one of all(app)) {
    more = found.length === limit;
    if (more) break;
    found.push(one);
  }
  if (json) return found.map((one) => JSON.stringify(jsonOf(one))).join('\n');
  if (found.length === 0) return 'no dead letters';
  const cells = (of: (one: Numbered) => string): string[] => found.map(of);
  const lines = table([
    { head: 'n', cells: cells(({ number }) => String(number)), right: true },
    { head: 'ref', cells: cells(({ ref }) => ref) },
    timeColumn(
      'arrival',
      cells(({ json }) => json.arrival),
    ),
    { head: 'reason', cells: cells(({ json }) => json.reason) },
    { head: 'error', cells: cells(({ json }) => shortened(json.errors[0] ?? '')) },
    { head: 'event', cells: cells(({ json }) => shortened(rawText(json.raw))) },
  ]);
  return more ? `${lines}\n… and more: --limit` : lines;
}

async function show(app: App, which: string, json: boolean): Promise<string> {
  const number = which.includes('/') ? 0 : wholeNumber('the number of a dead letter', which);
  for await (const one of all(app)) {
    if (one.ref === which || one.number === number) {
      return json ? JSON.stringify(jsonOf(one)) : detail(one);
    }
  }
  throw new MillraceError('request', `there is no dead letter ${which}; see dead-letters list`);
}

function jsonOf({ number, ref, pipeline, partition, entry, json }: Numbered): object {
  return { number, ref, pipeline, partition, entry, ...json };
}

function detail({ number, ref, partition, entry, json }: Numbered): string {
  const { reason, errors, position, line, arrival, partitionKey, raw } = json;
  const kind = 'text' in raw ? 'event' : 'record, in base64, since it is no text';
  return [
    `dead letter ${number} (${ref}): ${reason}`,
    ...errors.map((error) => `  - ${harmless(error, true)}`),
    '',
    `  partition ${partition}, position ${position}, line ${line}, in entry ${entry}`,
    `  arrival ${arrival}, partition key '${harmless(partitionKey, false)}'`,
    '',
    `${kind}:`,
    harmless(rawText(raw), true),
  ].join('\n');
}

function rawText(raw: Kept<'_dead'>['json']['raw']): string {
  return 'text' in raw ? raw.text : raw.base64;
}

function shortened(text: string): string {
  const start = harmless(text.slice(0, shownCharacters), false);
  return text.length > shownCharacters ? `${start}…` : start;
}

/** What producers sent must not steer the terminal: control characters are written out. */
function harmless(text: string, linesMayEnd: boolean): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    if (linesMayEnd && (character === '\n' || character === '\t')) return character;
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
}
