import { eventTimeMin, timeMax, timeMin } from '../event.ts';
import { readCursor } from '../finals/cursor.ts';
import { readHead, writeHead } from '../journal/head.ts';
import { pageRange, pageSort, partitionKeyOf } from '../journal/keys.ts';
import { readPartitions } from '../journal/partitions.ts';
import { storedGrains, type ViewPlan } from '../plan.ts';
import { overflowName, type PageContext } from './page.ts';

const rangeItems = 64;
const objectsMax = 1_000;
/** Event time that at least passes between two removals of one grain: a page that is hidden costs next to nothing. */
const stepMsMax = 3_600_000;

/**
 * Removes the pages whose windows have all expired, and their objects. Readers judge by themselves what has expired;
 * this only makes room. It goes by event time alone, so history that is read again is kept as long as live events.
 *
 * The head says what goes before it goes: a read that misses a page finds there why. Should an entry behind the head
 * bring a page back, then it is as hidden as it was, and goes the next time.
 *
 * @returns how many pages were removed.
 */
export async function removeExpired(context: PageContext): Promise<number> {
  const grains = storedGrains(context.plan);
  if (grains.every(({ retain }) => retain === null)) return 0;
  const partitions = await readPartitions(context);
  // To a stream that has ended nothing comes for which there must be room.
  if (partitions === null || partitions.finalTo === timeMax) return 0;
  const passed = await passedOf(context, grains, partitions.finalTo);
  let removed = 0;
  for (const partition of partitions.everSeen) {
    removed += await removeIn(context, partition, grains, passed);
  }
  return removed;
}

/** Up to when nobody needs what is final, by grain: what is published stays until it has been sent. */
async function passedOf(
  context: PageContext,
  grains: readonly ViewPlan[],
  finalTo: number,
): Promise<number[]> {
  const passed: number[] = [];
  for (const { name, publish, retain } of grains) {
    const cursor = publish === null || retain === null ? null : await readCursor(context, name);
    const sentTo = publish === null ? finalTo : (cursor?.cursor.finalTo ?? timeMin);
    passed.push(Math.min(finalTo, sentTo));
  }
  return passed;
}

async function removeIn(
  context: PageContext,
  partition: string,
  grains: readonly ViewPlan[],
  passed: readonly number[],
): Promise<number> {
  const stored = await readHead(context, partition);
  if (stored === null) return 0;
  const { head } = stored;
  const removed = grains.map((grain, i) =>
    boundOf(grain, passed[i] as number, head.removed[i] as number),
  );
  const due = grains.flatMap((grain, i) => {
    const before = removed[i] as number;
    return before > (head.removed[i] as number) ? [{ grain, before }] : [];
  });
  // If a compaction was first with the head, the next round tries again.
  if (due.length === 0 || !(await writeHead(context, partition, { ...head, removed }, stored))) {
    return 0;
  }
  let pages = 0;
  for (const { grain, before } of due)
    pages += await removePages(context, partition, grain, before);
  return pages;
}

/** The start of the first page that stays. */
function boundOf({ window, retain }: ViewPlan, passed: number, before: number): number {
  if (retain === null) return before;
  const last = passed - retain - window.reach;
  if (last < eventTimeMin) return before;
  const bound = window.pageEnd(window.pageStart(last));
  return bound - before >= Math.min(stepMsMax, retain / 4) ? bound : before;
}

/** From the first page on, each time: what a removal that was cut off has left goes too. */
async function removePages(
  context: PageContext,
  partition: string,
  { name, window: { grain } }: ViewPlan,
  before: number,
): Promise<number> {
  const { store, objects, scope } = context;
  const pk = partitionKeyOf(scope, partition);
  const [first] = pageRange(name, grain);
  const end = pageSort(name, grain, before);
  let pages = 0;
  for (let more = true; more; ) {
    const items = await store.range(pk, first, end, rangeItems);
    for (const { sort } of items) await store.remove({ partition: pk, sort });
    pages += items.length;
    more = items.length === rangeItems;
  }
  const kept = overflowName({ partition: pk, sort: end });
  for (let more = true; more; ) {
    const names = await objects.list(overflowName({ partition: pk, sort: first }), '', objectsMax);
    const gone = names.filter((name) => name < kept);
    for (const name of gone) await objects.remove(name);
    more = gone.length === objectsMax;
  }
  return pages;
}
