import { horizonIndex, readHead } from './head.ts';
import type { Journal } from './journal.ts';
import { entrySort, partitionKeyOf } from './keys.ts';
import { readPartitions } from './partitions.ts';

/** What journals still need of their store and of their stream. */
export interface Needed {
  /** Whether an item must stay although it has expired: an entry behind the head or with ids that may be live. */
  item(partition: string, sort: string): boolean;
  /** The position from which on the records of a partition are not yet compacted by every journal. */
  record(partition: string): bigint;
}

/**
 * What may not be removed yet, whatever its age: a Millrace that was off for longer than entries live must find all
 * that it goes on from. Reads one item per partition and journal.
 */
export async function stillNeeded(journals: readonly Journal[]): Promise<Needed> {
  const entries = new Map<string, string>();
  const records = new Map<string, bigint>();
  for (const journal of journals) {
    for (const partition of (await readPartitions(journal))?.everSeen ?? []) {
      const head = (await readHead(journal, partition))?.head;
      const from = head ? Math.min(head.upTo + 1, horizonIndex(head)) : 0;
      const position = head?.next.position ?? 0n;
      const before = records.get(partition) ?? position;
      const key = partitionKeyOf(journal.scope, partition);
      entries.set(key, entrySort(from));
      records.set(partition, position < before ? position : before);
    }
  }
  return {
    item: (partition, sort) => !sort.startsWith('e/') || sort >= (entries.get(partition) ?? 'e/'),
    record: (partition) => records.get(partition) ?? 0n,
  };
}
