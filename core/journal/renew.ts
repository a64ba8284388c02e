import { decodeEntryHead } from './entry-codec.ts';
import { horizonIndex, readHead } from './head.ts';
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
  const key = partitionKeyOf(journal.scope, partition);
  let renewed = 0;
  for (const { sort, version, body } of await entriesFrom(journal, partition, from)) {
    const { kind, arrival } = decodeEntryHead({ partition: key, sort }, body, journal);
    // A genesis never expires.
    if (kind === 'genesis' || arrival >= olderThan) continue;
    // An entry never changes: if the version moved, another maintenance was first.
    if (await journal.store.replace({ partition: key, sort }, body, version, expiresAt)) {
      renewed += 1;
    }
  }
  return renewed;
}
