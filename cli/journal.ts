import { MillraceError } from '../core/errors.ts';
import type { ObjectRef } from '../core/journal/entry.ts';
import { decodeEntry } from '../core/journal/entry-codec.ts';
import { readHead } from '../core/journal/head.ts';
import { entrySort, entrySortEnd, keptName, partitionKeyOf } from '../core/journal/keys.ts';
import { readPartitions } from '../core/journal/partitions.ts';
import { instant } from '../core/query/standing.ts';
import type { PageContext } from '../core/view/page.ts';
import { defineCommand } from './command.ts';
import { folderOptions, pipelineOption, servedOf, withFolder } from './folder.ts';
import { entryDetail, entryJson, entryTable, type ShownEntry } from './journal-table.ts';
import { print } from './output.ts';
import { wholeNumber } from './whole-number.ts';

/** `millrace journal`: what entries hold. */
export const command = defineCommand({
  name: 'journal',
  summary: 'Show what the entries of one partition hold',
  usage: 'journal <partition> [options]',
  positionals: [1, 1],
  options: {
    from: { type: 'string', placeholder: '<n>', default: '0', description: 'The first entry' },
    limit: { type: 'string', placeholder: '<n>', default: '20', description: 'The most entries' },
    entry: {
      type: 'string',
      placeholder: '<n>',
      description: 'This entry alone, with all its rows',
    },
    pipeline: pipelineOption,
    ...folderOptions,
  },
  notes: `An entry is all effects of one run of records, put at its number once and never changed.
Positions are record:line, "next" is the first event after the entry, and "ids" are the
fingerprints that later events are compared with. What expired is not listed.`,
  async run(values, [partition = '']) {
    const { entry } = values;
    const first = wholeNumber('--from', entry ?? values.from);
    const limit = entry === undefined ? Math.max(1, wholeNumber('--limit', values.limit)) : 1;
    const text = await withFolder(values, async (app) => {
      const { journal } = servedOf(app, values.pipeline);
      await requirePartition(journal, partition);
      const entries = await entriesOf(journal, partition, first, limit);
      if (entry !== undefined && entries[0]?.entry.index !== first) {
        throw new MillraceError('request', `partition ${partition} has no entry ${entry}`);
      }
      if (values.json) return entries.map((one) => entryJson(one, entry !== undefined)).join('\n');
      if (entry !== undefined) return entries.map(entryDetail).join('\n');
      return listing(journal, partition, entries);
    });
    await print(text);
    return 0;
  },
});

async function requirePartition(journal: PageContext, partition: string): Promise<void> {
  const there = (await readPartitions(journal))?.everSeen ?? [];
  if (there.includes(partition)) return;
  const list = there.length === 0 ? 'there is none yet' : `there are ${there.join(', ')}`;
  throw new MillraceError(
    'request',
    `pipeline ${journal.plan.name} has no partition '${partition}'; ${list}`,
  );
}

async function entriesOf(
  journal: PageContext,
  partition: string,
  first: number,
  limit: number,
): Promise<ShownEntry[]> {
  const pk = partitionKeyOf(journal.scope, partition);
  const items = await journal.store.range(pk, entrySort(first), entrySortEnd, limit);
  return items.map(({ sort, body }) => {
    const entry = decodeEntry({ partition: pk, sort }, body, journal);
    const object = (view: '_dead' | '_late', ref: ObjectRef | null) =>
      ref === null ? null : keptName(journal.scope, partition, view, entry.index, ref.hash);
    return {
      entry,
      plan: journal.plan,
      bytes: body.length,
      watermark: instant(entry.watermark),
      deadObject: object('_dead', entry.dead),
      lateObject: object('_late', entry.late),
    };
  });
}

async function listing(
  journal: PageContext,
  partition: string,
  entries: readonly ShownEntry[],
): Promise<string> {
  const stored = await readHead(journal, partition);
  const compacted =
    stored === null ? 'nothing is compacted yet' : `compacted up to ${stored.head.upTo}`;
  const head = `pipeline ${journal.plan.name}, partition ${partition}: ${compacted}`;
  const last = entries.at(-1);
  if (last === undefined) return `${head}\n  no entries from there on`;
  const pk = partitionKeyOf(journal.scope, partition);
  const next = last.entry.index + 1;
  const [more] = await journal.store.range(pk, entrySort(next), entrySortEnd, 1);
  const note = more === undefined ? '' : `\n  … more: --from ${next}`;
  return `${head}\n${entryTable(entries)}${note}`;
}
