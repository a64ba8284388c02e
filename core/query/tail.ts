import { type End, type Entry, type EntryHead, endOf } from '../journal/entry.ts';
import { decodeEntry, decodeEntryHead } from '../journal/entry-codec.ts';
import { entrySort, entrySortEnd, partitionKeyOf } from '../journal/keys.ts';
import type { ItemKey } from '../ports/state-store.ts';
import type { PageContext } from '../view/page.ts';
import type { Rows } from '../view/rows.ts';

/** What of an entry a read needs; without `views` where only its counts were asked for. */
export type TailEntry = Pick<
  Entry,
  'index' | 'next' | 'watermark' | 'arrival' | 'counts' | 'partitionKeys' | 'references' | 'used'
> & {
  readonly end: End | null;
  readonly views: readonly Rows[] | null;
};

/** Entries behind the head that were read before, by the partition key in the store. */
export type Tails = Map<string, readonly TailEntry[]>;

const rangeItems = 256;

/** Entries behind the head; null for a hole, which means that head or tail was stale. */
export async function readTail(
  context: PageContext,
  partition: string,
  upTo: number,
  withRows: boolean,
  tails: Tails,
): Promise<TailEntry[] | null> {
  const pk = partitionKeyOf(context.scope, partition);
  const entries: TailEntry[] = [];
  for (const entry of tails.get(pk) ?? []) {
    if (entry.index === upTo + 1 + entries.length && (entry.views !== null || !withRows)) {
      entries.push(entry);
    }
  }
  for (let more = true; more; ) {
    const first = upTo + 1 + entries.length;
    const items = await context.store.range(pk, entrySort(first), entrySortEnd, rangeItems);
    for (const [i, item] of items.entries()) {
      if (item.sort !== entrySort(first + i)) return null;
      entries.push(tailEntry(context, { partition: pk, sort: item.sort }, item.body, withRows));
    }
    more = items.length === rangeItems;
  }
  // A stale read must not take the place of what a newer one has found.
  const held = tails.get(pk)?.at(-1)?.index ?? -1;
  if ((entries.at(-1)?.index ?? upTo) >= held) tails.set(pk, entries);
  return entries;
}

function tailEntry(
  context: PageContext,
  key: ItemKey,
  body: Uint8Array,
  withRows: boolean,
): TailEntry {
  const entry: EntryHead & Partial<Pick<Entry, 'views'>> = withRows
    ? decodeEntry(key, body, context)
    : decodeEntryHead(key, body, context);
  const { index, next, watermark, arrival, counts, views = null } = entry;
  const { partitionKeys, references, used } = entry;
  const end = endOf(entry);
  const kept = { partitionKeys, references, used };
  return { index, next, watermark, arrival, counts, ...kept, end, views };
}
