import type { Item } from '../ports/state-store.ts';
import { decodeEntryHead } from './entry-codec.ts';
import { horizonIndex, readHead } from './head.ts';
import type { Inherited } from './inherited.ts';
import type { Journal } from './journal.ts';
import { entrySort, partitionKeyOf } from './keys.ts';
import { entryPages, type Range } from './load.ts';

/** An entry, by its partition's name in the journal. */
export interface EntryPlace {
  readonly partition: string;
  readonly index: number;
}

/** How far the renewal of a partition's entries is. */
export interface Renewing {
  /** When all that were needed had been renewed, epoch milliseconds. */
  readonly renewedAt: number;
  /** Where a renewal that ran out of time goes on; null when none is under way. */
  readonly renewing: EntryPlace | null;
}

/** When to renew. */
export interface RenewOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** For how long an entry lives. */
  readonly lifeMs: number;
  /** Whether there is time for some more. */
  readonly hasTime: () => boolean;
}

/**
 * Lets the entries that a partition still needs live on: those behind the head and those whose ids may come again.
 * An idle partition needs them for as long as its watermark stands still, which may be longer than entries live.
 * Once in a quarter of a life those of over an eighth of it are renewed, some at a time while there is time.
 */
export async function renewDue(
  journal: Journal,
  partition: string,
  { renewedAt, renewing }: Renewing,
  { now, lifeMs, hasTime }: RenewOptions,
): Promise<Renewing & { readonly renewed: number }> {
  let renewed = 0;
  if (renewing === null && now - renewedAt < lifeMs / 4) return { renewedAt, renewing, renewed };
  const olderThan = now - lifeMs / 8;
  const expiresAt = Math.ceil((now + lifeMs) / 1000);
  const head = (await readHead(journal, partition))?.head;
  const from = head ? Math.min(head.upTo + 1, horizonIndex(head)) : 0;
  const inherited = head?.inherited ?? (await inheritedIn(journal, partition));
  for (const range of rangesFrom([{ partition, from }, ...inherited], renewing)) {
    for await (const items of entryPages(journal, range)) {
      const [first] = items;
      if (first !== undefined && !hasTime()) {
        const next = { partition: range.partition, index: numberOf(first) };
        return { renewedAt, renewing: next, renewed };
      }
      renewed += await renewItems(journal, range.partition, items, olderThan, expiresAt);
    }
  }
  return { renewedAt: now, renewing: null, renewed };
}

/** What is left of the ranges from a place on; all of them if none holds it any more. */
function rangesFrom(ranges: readonly Range[], place: EntryPlace | null): readonly Range[] {
  const at = ranges.findIndex(
    ({ partition, to = Number.POSITIVE_INFINITY }) =>
      place !== null && partition === place.partition && place.index <= to,
  );
  const [first, ...rest] = ranges.slice(Math.max(at, 0)) as [Range, ...Range[]];
  return [{ ...first, from: Math.max(first.from, (at >= 0 && place?.index) || 0) }, ...rest];
}

async function renewItems(
  journal: Journal,
  partition: string,
  items: readonly Item[],
  olderThan: number,
  expiresAt: number,
): Promise<number> {
  let renewed = 0;
  for (const { sort, version, body } of items) {
    const key = { partition: partitionKeyOf(journal.scope, partition), sort };
    const { kind, arrival } = decodeEntryHead(key, body, journal);
    // A genesis never expires.
    if (kind === 'genesis' || arrival >= olderThan) continue;
    // An entry never changes: if the version moved, another maintenance was first.
    if (await journal.store.replace(key, body, version, expiresAt)) renewed += 1;
  }
  return renewed;
}

/** What a partition inherited, from its genesis; nothing before it has one. */
async function inheritedIn(journal: Journal, partition: string): Promise<readonly Inherited[]> {
  const key = { partition: partitionKeyOf(journal.scope, partition), sort: entrySort(0) };
  const genesis = await journal.store.read(key);
  return genesis === null ? [] : decodeEntryHead(key, genesis.body, journal).inherited;
}

function numberOf({ sort }: Item): number {
  return Number(sort.slice(2));
}
