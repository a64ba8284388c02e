import { MillraceError } from '../core/errors.ts';
import { readPartitions } from '../core/journal/partitions.ts';
import { type Kept, keptEvents } from '../core/query/kept.ts';
import type { KeptView } from '../core/view/kept-refs.ts';
import type { App } from '../local-app/composition.ts';
import { UsageError } from './arguments.ts';
import type { defineCommand } from './command.ts';
import { folderOptions, withFolder } from './folder.ts';
import { print } from './output.ts';
import { type Column, table } from './table.ts';
import { wholeNumber } from './whole-number.ts';

const shownCharacters = 60;

/** A dead letter or late event with the names that a person calls it by. */
export interface Numbered<V extends KeptView> extends Kept<V> {
  /** In the order of pipelines, partitions and entries, from 1. */
  readonly number: number;
  readonly pipeline: string;
  readonly ref: string;
}

/** Which of them are listed, and how they are shown. */
export interface Shown<V extends KeptView> {
  readonly view: V;
  /** What one is called, and several. */
  readonly one: string;
  readonly several: string;
  /** The columns of the list behind number and ref. */
  columns(found: readonly Numbered<V>[]): Column[];
  /** The lines that tell all of one, its text included. */
  detail(one: Numbered<V>): string[];
}

/** The options of commands that list what is kept. */
export const keptOptions = {
  limit: { type: 'string', placeholder: '<n>', default: '100', description: 'The most listed' },
  ...folderOptions,
} as const;

/** What help says about numbers and refs. */
export const keptNotes =
  'n is the number in the list. A ref, <pipeline>/<partition>/<entry>/<place>, stays the same' +
  '\nwhen more come.';

/** The values of {@link keptOptions}. */
type KeptValues = Parameters<Parameters<typeof defineCommand<typeof keptOptions>>[0]['run']>[0];

/** Runs `list` or `show <n or ref>` on what is kept in a data folder. */
export async function runKept<V extends KeptView>(
  command: string,
  shown: Shown<V>,
  values: KeptValues,
  [action, which]: readonly string[],
  isWanted: (one: Numbered<V>) => boolean = () => true,
): Promise<number> {
  const limit = wholeNumber('--limit', values.limit);
  const { json = false } = values;
  if (action === 'list' && which === undefined) {
    await print(await withFolder(values, (app) => list(app, shown, isWanted, limit, json)));
  } else if (action === 'show' && which !== undefined) {
    await print(await withFolder(values, (app) => show(app, command, shown, which, json)));
  } else {
    throw new UsageError(`it is: millrace ${command} list, or ${command} show <n or ref>`);
  }
  return 0;
}

async function* all<V extends KeptView>(app: App, view: V): AsyncGenerator<Numbered<V>> {
  let number = 0;
  for (const [pipeline, { journal }] of app.served) {
    for (const partition of (await readPartitions(journal))?.everSeen ?? []) {
      for await (const kept of keptEvents(journal, partition, view)) {
        number += 1;
        const ref = `${pipeline}/${partition}/${kept.entry}/${kept.index}`;
        yield { ...kept, number, pipeline, ref };
      }
    }
  }
}

async function list<V extends KeptView>(
  app: App,
  { view, several, columns }: Shown<V>,
  isWanted: (one: Numbered<V>) => boolean,
  limit: number,
  json: boolean,
): Promise<string> {
  const found: Numbered<V>[] = [];
  let more = false;
  for await (const one of all(app, view)) {
    if (!isWanted(one)) continue;
    more = found.length === limit;
    if (more) break;
    found.push(one);
  }
  if (json) return found.map((one) => JSON.stringify(jsonOf(one))).join('\n');
  if (found.length === 0) return `no ${several}`;
  const lines = table([
    { head: 'n', cells: found.map(({ number }) => String(number)), right: true },
    { head: 'ref', cells: found.map(({ ref }) => ref) },
    ...columns(found),
  ]);
  return more ? `${lines}\n… and more: --limit` : lines;
}

async function show<V extends KeptView>(
  app: App,
  command: string,
  { view, one: called, detail }: Shown<V>,
  which: string,
  json: boolean,
): Promise<string> {
  const number = which.includes('/') ? 0 : wholeNumber(`the number of a ${called}`, which);
  for await (const one of all(app, view)) {
    if (one.ref === which || one.number === number) {
      return json ? JSON.stringify(jsonOf(one)) : detail(one).join('\n');
    }
  }
  throw new MillraceError('request', `there is no ${called} ${which}; see ${command} list`);
}

function jsonOf<V extends KeptView>(one: Numbered<V>): object {
  const { number, ref, pipeline, partition, entry, json } = one;
  return { number, ref, pipeline, partition, entry, ...json };
}

/** The start of a text, as a cell of a table. */
export function shortened(text: string): string {
  const start = harmless(text.slice(0, shownCharacters), false);
  return text.length > shownCharacters ? `${start}…` : start;
}

/** What producers sent must not steer the terminal: control characters are written out. */
export function harmless(text: string, linesMayEnd: boolean): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    if (linesMayEnd && (character === '\n' || character === '\t')) return character;
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
}
