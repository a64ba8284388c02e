import type { Item } from '../ports/state-store.ts';
import { decodeEntryHead } from './entry-codec.ts';
import { horizonIndex, readHead } from './head.ts';
import type { Inherited } from './inherited.ts';
import type { Journal } from './journal.ts';
import { partitionKeyOf } from './keys.ts';
import { entriesFrom } from './load.ts';

/**
 * Lets the entries that a partition still needs live on: those behind the head and those whose ids may come again.
 * An idle partition needs them for as long as its watermark stands still, which may be longer than entries live.
 *
 * @param olderThan arrival before which an entry is renewed, epoch milliseconds; younger ones have time left.
 * @param expiresAt their new end, epoch seconds.
 * @returns how many were renewed.
 */
export async function renewNeeded(
  journal: Journal,
  partition: string,
  olderThan: number,
  expiresAt: number,
): Promise<number> {
  const head = (await readHead(journal, partition))?.head;
  const from = head ? Math.min(head.upTo + 1, horizonIndex(head)) : 0;
  const own = await entriesFrom(journal, partition, from);
  const inherited = head?.inherited ?? inheritedIn(journal, partition, own[0]);
  let renewed = 0;
  for (const { partition: name, items } of [
    { partition, items: own },
    ...(await Promise.all(inherited.map((range) => entriesOf(journal, range)))),
  ]) {
    const key = partitionKeyOf(journal.scope, name);
    for (const { sort, version, body } of items) {
      const { kind, arrival } = decodeEntryHead({ partition: key, sort }, body, journal);
      // A genesis never expires.
      if (kind === 'genesis' || arrival >= olderThan) continue;
      // An entry never changes: if the version moved, another maintenance was first.
      if (await journal.store.replace({ partition: key, sort }, body, version, expiresAt)) {
        renewed += 1;
      }
    }
  }
  return renewed;
}

/** What a partition inherited, from its genesis; nothing before it has one. */
function inheritedIn(
  journal: Journal,
  partition: string,
  genesis: Item | undefined,
): readonly Inherited[] {
  if (genesis === undefined) return [];
  const key = { partition: partitionKeyOf(journal.scope, partition), sort: genesis.sort };
  return decodeEntryHead(key, genesis.body, journal).inherited;
}

async function entriesOf(journal: Journal, { partition, from, to }: Inherited) {
  return { partition, items: await entriesFrom(journal, partition, from, to) };
}
