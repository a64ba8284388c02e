import type { Warm } from './commit.ts';
import { emptyEntry } from './journal/entry.ts';
import { encodeEntry } from './journal/entry-codec.ts';
import { heritageOf } from './journal/inherited.ts';
import { entrySort, journalPartition, partitionKeyOf } from './journal/keys.ts';
import { addPartitions, epochOf, readPartitions } from './journal/partitions.ts';
import type { StreamReader } from './ports/stream-reader.ts';
import { type RetryBudget, retry } from './retry.ts';
import type { PageContext } from './view/page.ts';

/** What beginning a journal takes. */
export interface Beginning {
  readonly stream: StreamReader;
  readonly journal: PageContext;
  readonly budget: RetryBudget;
  /** Brings all of a partition that was split or merged into its journal, and seals it. */
  readonly drain: (partition: string, isListed: boolean) => Promise<Warm>;
}

/** Those that begin together, and those that they came from. */
interface Family {
  readonly children: readonly string[];
  /** All that they came from, and the state of those that had anything. */
  readonly from: readonly string[];
  readonly parents: readonly Warm[];
}

/**
 * Begins the journal of a partition: lists it, then puts its genesis, which never expires, so that a stale read
 * can't begin it twice. One that came from others by a split or a merge waits until all that they hold is in their
 * journals; it begins where the last of them ended, and takes over the ids that may come again.
 */
export async function begin(beginning: Beginning, partition: string, epoch: number): Promise<void> {
  const { stream, journal, budget } = beginning;
  const family = epoch > 0 ? null : await familyOf(beginning, partition);
  const { children, from, parents } = family ?? { children: [partition], from: [], parents: [] };
  const { finalTo } = await retry(budget, () => addPartitions(journal, children, epoch, from));
  const watermark = Math.max(finalTo, ...parents.map(({ state }) => state.watermark));
  const inherited = parents.flatMap(({ state, partition: parent, epoch: of }) =>
    heritageOf(journalPartition(parent, of), state, watermark),
  );
  for (const child of children) {
    const { earliest } = await retry(budget, () => stream.bounds(child));
    const next = { position: earliest, line: 0 };
    const before = { index: -1, next, watermark, arrival: 0 };
    const genesis = { ...emptyEntry(journal.plan, 'genesis', before), inherited };
    const name = journalPartition(child, epoch);
    const key = { partition: partitionKeyOf(journal.scope, name), sort: entrySort(0) };
    const bytes = encodeEntry(key, genesis, journal);
    await retry(budget, () => journal.store.create(key, bytes));
  }
}

/** A partition with its siblings, once all of their parents are sealed; null for one that was there from the start. */
async function familyOf(
  { stream, journal, budget, drain }: Beginning,
  partition: string,
): Promise<Family | null> {
  const all = await retry(budget, () => stream.partitions());
  const from = all.find(({ id }) => id === partition)?.parents ?? [];
  if (from.length === 0) return null;
  const listed = await retry(budget, () => readPartitions(journal));
  const parents: Warm[] = [];
  for (const parent of from) {
    const isListed = all.some(({ id }) => id === parent);
    // One that the stream has forgotten before anything was read from it leaves nothing behind.
    const genesis = {
      partition: partitionKeyOf(journal.scope, journalPartition(parent, epochOf(listed, parent))),
      sort: entrySort(0),
    };
    const hasBegun = isListed || (await retry(budget, () => journal.store.read(genesis))) !== null;
    if (hasBegun) parents.push(await drain(parent, isListed));
  }
  const children = all
    .filter(({ parents: theirs }) => theirs.length > 0 && theirs.every((id) => from.includes(id)))
    .map(({ id }) => id);
  return { children, from, parents };
}
