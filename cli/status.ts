import { statusOf } from '../adapters/http/status.ts';
import { everyCloud } from '../adapters/http/used.ts';
import type { Published } from '../core/query/published.ts';
import type { App } from '../local-app/composition.ts';
import { defineCommand } from './command.ts';
import { folderOptions, withFolder } from './folder.ts';
import { harmless } from './kept-events.ts';
import { print } from './output.ts';
import { ask, urlOption } from './server.ts';
import { type Column, table, timeColumn } from './table.ts';
import { type UsedJson, usedTable } from './used-table.ts';

/** `millrace status`: how far every partition is. */
export const command = defineCommand({
  name: 'status',
  summary: 'Show position, lag, watermark and counts of every partition',
  usage: 'status [options]',
  options: { url: urlOption, ...folderOptions },
  notes: `entries: in the journal; to compact: those of them that are in no page yet.
late: events that came too late, over all views. overflowed: those that count in the overflow
row of a view with keysMax.
used so far: what batches and maintenance used since the first batch, at the prices of
npx millrace cost, without free tiers.`,
  async run(values) {
    const text =
      values.url === undefined
        ? await withFolder(values, async (app) => JSON.stringify(await stored(app)))
        : await ask(values.url, '/v1/status');
    await print(values.json ? text : forPeople(JSON.parse(text)));
    return 0;
  },
});

/** The status of a folder has no figures: those are of a running process. */
async function stored(app: App): Promise<object> {
  const pipelines = [...app.served.values()].map(({ journal, reader }) => ({
    plan: journal.plan,
    reader,
  }));
  const { figures: _, ...status } = (await statusOf(pipelines, [], everyCloud)) as {
    figures: unknown;
  };
  return status;
}

interface CountsJson {
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly lost: number;
  readonly views: Readonly<Record<string, { readonly late: number; readonly overflowed?: number }>>;
}

interface StatusJson {
  readonly pipelines: readonly {
    readonly pipeline: string;
    readonly watermark: string | null;
    readonly lagSeconds: number | null;
    readonly counts: CountsJson;
    /** By reason, as far as their notices were taken. */
    readonly deadLetters: Readonly<Record<string, number>>;
    readonly partitions: readonly {
      readonly partition: string;
      readonly position: string;
      readonly line: number;
      readonly watermark: string | null;
      readonly lagSeconds: number | null;
      readonly entry: number;
      readonly compactedTo: number;
      readonly references: Readonly<Record<string, string>>;
      readonly hotKeys: readonly { readonly key: string; readonly share: number }[];
      readonly counts: CountsJson;
    }[];
    readonly published: readonly Published[];
    readonly used: UsedJson;
  }[];
}

function forPeople({ pipelines }: StatusJson): string {
  const texts = pipelines.map((one) => {
    const reasons = Object.entries(one.deadLetters).map(([reason, count]) => `${count} ${reason}`);
    const dead = reasons.length === 0 ? '' : `\n  dead letters: ${reasons.join(', ')}`;
    const more = `${dead}${referencesOf(one)}${hotKeysOf(one)}${publishedOf(one)}`;
    return `pipeline ${one.pipeline}\n${partitionTable(one)}${more}\n${usedTable(one.used)}`;
  });
  return texts.join('\n\n');
}

/** A line for each version of a reference table that partitions used last. */
function referencesOf({ partitions }: StatusJson['pipelines'][number]): string {
  const users = new Map<string, string[]>();
  for (const { partition, references } of partitions) {
    for (const [name, version] of Object.entries(references)) {
      const which = `${name}, version ${version}`;
      users.set(which, [...(users.get(which) ?? []), partition]);
    }
  }
  const lines = [...users].sort().map(([which, names]) => {
    return `\n  reference ${which}: partitions ${names.join(', ')}`;
  });
  return lines.join('');
}

/** A line for each partition in which some keys have more than their share, and what to do about it. */
function hotKeysOf({ partitions }: StatusJson['pipelines'][number]): string {
  const lines = partitions.flatMap(({ partition, hotKeys }) => {
    if (hotKeys.length === 0) return [];
    const keys = hotKeys.map(({ key, share }) => {
      return `'${harmless(key, false)}' ${Math.round(share * 100)} %`;
    });
    return [`\n  hot keys of partition ${partition}: ${keys.join(', ')}`];
  });
  if (lines.length === 0) return '';
  const advice = "\n  to spread a hot key over partitions: partitionKey: spread('…', 8)";
  return lines.join('') + (partitions.length > 1 ? advice : '');
}

/** How far the views are that are published. */
function publishedOf({ published }: StatusJson['pipelines'][number]): string {
  if (published.length === 0) return '';
  const text = table(
    [
      { head: 'published view', cells: published.map(({ view }) => view) },
      { head: 'to', cells: published.map(({ to }) => to) },
      timeColumn(
        'final to',
        published.map(({ finalTo }) => finalTo),
      ),
      timeColumn(
        'sent to',
        published.map(({ sentTo }) => sentTo),
      ),
    ],
    '  ',
  );
  return `\n${text}`;
}

/** One line per partition, and one of all. */
function partitionTable({
  partitions,
  counts,
  watermark,
  lagSeconds,
}: StatusJson['pipelines'][number]): string {
  const numbers = (head: string, cells: readonly (string | number)[]): Column => ({
    head,
    cells: cells.map(String),
    right: true,
  });
  const lag = (seconds: number | null): string =>
    seconds === null ? '?' : `${Math.round(seconds * 10) / 10} s`;
  const all = [...partitions.map((one) => one.counts), counts];
  const total = (name: 'late' | 'overflowed'): number[] =>
    all.map(({ views }) => Object.values(views).reduce((sum, view) => sum + (view[name] ?? 0), 0));
  const overflows = Object.values(counts.views).some(({ overflowed }) => overflowed !== undefined);
  return table(
    [
      { head: 'partition', cells: [...partitions.map(({ partition }) => partition), 'all'] },
      numbers(
        'position',
        partitions.map(({ position, line }) => (line === 0 ? position : `${position}:${line}`)),
      ),
      numbers('lag', [...partitions.map((one) => lag(one.lagSeconds)), lag(lagSeconds)]),
      timeColumn('watermark', [...partitions.map((one) => one.watermark), watermark]),
      numbers(
        'entries',
        partitions.map(({ entry }) => entry + 1),
      ),
      numbers(
        'to compact',
        partitions.map(({ entry, compactedTo }) => entry - compactedTo),
      ),
      ...(['received', 'accepted', 'duplicates', 'filtered'] as const).map((name) =>
        numbers(
          name,
          all.map((each) => each[name]),
        ),
      ),
      numbers(
        'dead letters',
        all.map(({ deadLettered }) => deadLettered),
      ),
      numbers('late', total('late')),
      ...(overflows ? [numbers('overflowed', total('overflowed'))] : []),
      numbers(
        'lost',
        all.map(({ lost }) => lost),
      ),
    ],
    '  ',
  );
}
