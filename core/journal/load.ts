import { Seen } from '../dedupe/seen.ts';
import { MillraceError } from '../errors.ts';
import { start, timeMin } from '../event.ts';
import type { Item, ItemKey } from '../ports/state-store.ts';
import { noCounts } from './counts.ts';
import { decodeEntryHead } from './entry-codec.ts';
import { nameOf } from './envelope.ts';
import { horizonIndex, readHead } from './head.ts';
import type { Inherited } from './inherited.ts';
import type { Journal } from './journal.ts';
import { entrySort, entrySortEnd, partitionKeyOf } from './keys.ts';
import { advance, type PartitionState } from './state.ts';

/** Entries read at once. */
const rangeItems = 256;
const loadAttemptsMax = 5;

/** The state of a partition before its genesis. */
export function emptyState({ plan }: Pick<Journal, 'plan'>): PartitionState {
  return {
    index: -1,
    next: start,
    watermark: timeMin,
    arrival: 0,
    counts: noCounts(plan.views.length),
    end: null,
    seen: new Seen(plan.horizon, plan.bucketSize),
    ...{ horizon: [], inherited: [] },
  };
}

/** A loaded state, and the last entry that compaction has merged (-1 before the first). */
export interface Loaded {
  readonly state: PartitionState;
  readonly upTo: number;
}

/**
 * The state of a partition from its head and the entries from the oldest live fingerprint on. A state with index
 * -1 has no genesis yet.
 *
 * @throws MillraceError `missing` when a needed entry is gone: the partition must not go on with less.
 */
export async function load(journal: Journal, partition: string): Promise<Loaded> {
  for (let attempt = 1; ; attempt += 1) {
    const stored = await readHead(journal, partition);
    const from = stored ? horizonIndex(stored.head) : 0;
    const upTo = stored?.head.upTo ?? -1;
    const items = await entriesFrom(journal, partition, from);
    const complete = from + items.length > upTo;
    if (complete && items.every((item, i) => item.sort === entrySort(from + i))) {
      const state = stateOf(journal, partition, stored?.head ?? null, items);
      const gone = await inherit(journal, state);
      if (gone === null) return { state, upTo };
      if (attempt === loadAttemptsMax) throw missing(journal, gone.partition, gone.from, partition);
    } else if (attempt === loadAttemptsMax) throw hole(journal, partition, from, items);
  }
}

function hole(journal: Journal, partition: string, from: number, items: Item[]): MillraceError {
  const at = items.findIndex((item, i) => item.sort !== entrySort(from + i));
  return missing(journal, partition, from + (at < 0 ? items.length : at), partition);
}

function missing(journal: Journal, of: string, index: number, partition: string): MillraceError {
  const key = { partition: partitionKeyOf(journal.scope, of), sort: entrySort(index) };
  return new MillraceError(
    'missing',
    `${nameOf(key)}: a journal entry that is still needed is gone; partition '${partition}' of ` +
      `pipeline '${journal.scope.pipeline}' stops rather than go on with less`,
  );
}

/** Takes in the ids of inherited entries; the first range that can't be read whole, or null. */
async function inherit(journal: Journal, state: PartitionState): Promise<Inherited | null> {
  for (const range of state.inherited) {
    const { partition: name, from, to } = range;
    const items = await entriesFrom(journal, name, from, to);
    if (items.length !== to - from + 1) return range;
    for (const item of items) {
      const key = { partition: partitionKeyOf(journal.scope, name), sort: item.sort };
      readEntryHead(journal, key, item).fingerprints.addTo(state.seen, state.watermark);
    }
  }
  return null;
}

function stateOf(
  journal: Journal,
  partition: string,
  head: Parameters<typeof horizonIndex>[0] | null,
  items: readonly Item[],
): PartitionState {
  let state = emptyState(journal);
  if (head) state = { ...state, ...head, index: head.upTo };
  const entries = items.map((item) => {
    const key = { partition: partitionKeyOf(journal.scope, partition), sort: item.sort };
    return readEntryHead(journal, key, item);
  });
  const ids = entries.reduce((sum, entry) => sum + entry.fingerprints.size, 0);
  const watermark = entries.at(-1)?.watermark ?? state.watermark;
  state.seen.reserve(ids, watermark);
  for (const entry of entries) {
    if (entry.index > state.index) state = advance(state, entry);
    else entry.fingerprints.addTo(state.seen, state.watermark);
  }
  return state;
}

function readEntryHead(journal: Journal, key: ItemKey, item: Item) {
  const entry = decodeEntryHead(key, item.body, journal);
  if (entrySort(entry.index) === key.sort) return entry;
  throw new MillraceError('damaged', `${nameOf(key)}: holds entry ${entry.index}`);
}

/** The state after the entries that other writers have put behind it; the same state if none is visible. */
export async function catchUp(
  journal: Journal,
  partition: string,
  state: PartitionState,
): Promise<PartitionState> {
  let next = state;
  for (const item of await entriesFrom(journal, partition, state.index + 1)) {
    if (item.sort !== entrySort(next.index + 1)) break;
    const key = { partition: partitionKeyOf(journal.scope, partition), sort: item.sort };
    next = advance(next, readEntryHead(journal, key, item));
  }
  return next;
}

/** All entries from a number on, or up to another, that are there, ascending; the caller checks for holes. */
export async function entriesFrom(
  journal: Journal,
  partition: string,
  from: number,
  to?: number,
): Promise<Item[]> {
  const key = partitionKeyOf(journal.scope, partition);
  const end = to === undefined ? entrySortEnd : entrySort(to + 1);
  const all: Item[] = [];
  for (let sort = entrySort(from); ; ) {
    const items = await journal.store.range(key, sort, end, rangeItems);
    all.push(...items);
    const last = items.at(-1);
    if (last === undefined || items.length < rangeItems) return all;
    sort = entrySort(Number(last.sort.slice(2)) + 1);
  }
}
