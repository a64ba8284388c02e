import { readCare } from '../journal/care.ts';
import { addUsage, noUsage, type Usage } from '../journal/usage.ts';
import type { PageContext } from '../view/page.ts';
import { hidden } from './hidden.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * What a pipeline has used: what is written down in entries and by maintenance, and what this process has not written
 * down yet. It is never more than there was: what is on its way into the store is missing for a moment.
 */
export async function usedBy(
  context: PageContext,
  partitions: readonly Pick<Snapshot, 'partition' | 'used'>[],
): Promise<Usage> {
  const cares = await Promise.all(
    partitions.map(({ partition }) => readCare(context, partition).catch(hidden)),
  );
  const written = [...partitions, ...cares].map((one) => one?.used ?? noUsage);
  // Last, since what is written down meanwhile is no longer in it.
  return [...written, context.tally?.unwritten ?? noUsage].reduce(addUsage, noUsage);
}
