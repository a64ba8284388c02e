import { Seen } from '../dedupe/seen.ts';
import { MillraceError } from '../errors.ts';
import { start, timeMin } from '../event.ts';
import type { Item, ItemKey } from '../ports/state-store.ts';
import { noCounts } from './counts.ts';
import type { EntryHead } from './entry.ts';
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

/** Makes one call of a store, over and over where that helps. */
export type Call = <T>(read: () => Promise<T>) => Promise<T>;

const once: Call = (read) => read();

/**
 * The state of a partition from its head and the entries from the oldest live fingerprint on. A state with index
 * -1 has no genesis yet. However long the horizon is, a few entries are in memory at a time, and a call that fails
 * for a passing reason costs that call alone.
 *
 * @param call how the store is called.
 * @throws MillraceError `missing` when a needed entry is gone: the partition must not go on with less.
 */
export async function load(
  journal: Journal,
  partition: string,
  call: Call = once,
): Promise<Loaded> {
  for (let attempt = 1; ; attempt += 1) {
    const stored = await call(() => readHead(journal, partition));
    const from = stored ? horizonIndex(stored.head) : 0;
    const upTo = stored?.head.upTo ?? -1;
    let state = emptyState(journal);
    if (stored) state = { ...state, ...stored.head, index: upTo };
    const { next, whole } = await each(journal, { partition, from }, call, (entry) => {
      if (entry.index > state.index) state = advance(state, entry);
      else entry.fingerprints.addTo(state.seen, state.watermark);
    });
    if (whole && next > upTo) {
      const gone = await inherit(journal, state, call);
      if (gone === null) return { state, upTo };
      if (attempt === loadAttemptsMax) throw missing(journal, gone.partition, gone.from, partition);
    } else if (attempt === loadAttemptsMax) throw missing(journal, partition, next, partition);
  }
}

/** Takes entries in order, up to the first that is not there: its number, and whether none is behind it. */
async function each(
  journal: Journal,
  { partition, from, to }: Range,
  call: Call,
  take: (entry: EntryHead) => void,
): Promise<{ readonly next: number; readonly whole: boolean }> {
  let next = from;
  for await (const items of entryPages(journal, { partition, from, to }, call)) {
    for (const { sort, body } of items) {
      if (sort !== entrySort(next)) return { next, whole: false };
      const key = { partition: partitionKeyOf(journal.scope, partition), sort };
      take(readEntryHead(journal, key, body));
      next += 1;
    }
  }
  return { next, whole: true };
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
async function inherit(
  journal: Journal,
  state: PartitionState,
  call: Call,
): Promise<Inherited | null> {
  for (const range of state.inherited) {
    const { next } = await each(journal, range, call, ({ fingerprints }) =>
      fingerprints.addTo(state.seen, state.watermark),
    );
    if (next !== range.to + 1) return range;
  }
  return null;
}

function readEntryHead(journal: Journal, key: ItemKey, body: Uint8Array): EntryHead {
  const entry = decodeEntryHead(key, body, journal);
  if (entrySort(entry.index) === key.sort) return entry;
  throw new MillraceError('damaged', `${nameOf(key)}: holds entry ${entry.index}`);
}

/** The state after the entries that other writers have put behind it; the same state if none is visible. */
export async function catchUp(
  journal: Journal,
  partition: string,
  state: PartitionState,
  call: Call = once,
): Promise<PartitionState> {
  let next = state;
  await each(journal, { partition, from: state.index + 1 }, call, (entry) => {
    next = advance(next, entry);
  });
  return next;
}

/** Entries of a partition from a number on, to the end or up to another. */
export type Range = Pick<Inherited, 'partition' | 'from'> & { readonly to?: number | undefined };

/** The entries that are there, ascending, some at a time; the caller checks for holes. */
export async function* entryPages(
  journal: Journal,
  { partition, from, to }: Range,
  call: Call = once,
): AsyncGenerator<Item[]> {
  const key = partitionKeyOf(journal.scope, partition);
  const end = to === undefined ? entrySortEnd : entrySort(to + 1);
  for (let sort = entrySort(from); ; ) {
    const items = await call(() => journal.store.range(key, sort, end, rangeItems));
    yield items;
    const last = items.at(-1);
    if (last === undefined || items.length < rangeItems) return;
    sort = entrySort(Number(last.sort.slice(2)) + 1);
  }
}
