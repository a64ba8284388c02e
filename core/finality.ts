import { entryLifeSeconds } from './entry-life.ts';
import { timeMin } from './event.ts';
import { emptyEntry } from './journal/entry.ts';
import { encodeEntry } from './journal/entry-codec.ts';
import { entrySort, partitionKeyOf } from './journal/keys.ts';
import { readFinality } from './journal/partitions.ts';
import type { Idle, Plan } from './plan.ts';
import type { PartitionStatus } from './query/reader.ts';
import type { PageContext } from './view/page.ts';
import { globalPlan } from './window/global.ts';

/** A partition as maintenance has last seen it. */
export interface Look {
  readonly status: PartitionStatus;
  /** Caught up, and nothing moved its watermark for `idleAfter`. */
  readonly idle: boolean;
  /** The watermark that events gave it, ticks left out. */
  readonly moved: number;
  /** When, epoch milliseconds. */
  readonly at: number;
}

/** What settling takes. */
export interface Settling {
  readonly journal: PageContext;
  /** By the name in the journal. */
  readonly looks: ReadonlyMap<string, Look>;
  readonly now: number;
  readonly retentionSeconds: number;
  /** Where the definition leaves it to the host. */
  readonly idle: Idle;
}

/** What came of it. */
export interface Settled {
  /** The partitions whose watermark was raised, and to what. */
  readonly ticked: readonly string[];
  readonly watermark: number;
}

/**
 * Raises the watermark of idle partitions to that of the slowest one which is not, and then the time up to which
 * all that is counted is final: the smallest watermark. Both only if nothing else came first, so final stays final:
 * a tick is an entry, and a later event is judged by it.
 */
export async function settle(settling: Settling): Promise<Settled> {
  const { journal, looks, now } = settling;
  const none: Settled = { ticked: [], watermark: timeMin };
  const stored = await readFinality(journal);
  if (stored === null) return none;
  const { active, finalTo } = stored.partitions;
  const seen = active.flatMap((name) => looks.get(name) ?? []);
  // A watermark never falls, so an old look is good enough; none is not.
  if (seen.length === 0 || seen.length < active.length) return none;
  const target = targetOf(seen, settling, finalTo);
  const ticked: string[] = [];
  const watermarks: number[] = [];
  for (const { status, idle, at } of seen) {
    // The entry behind an old look may have come and gone: its number must not be taken again.
    const isFresh = now - at <= journal.limits.warmStateSecondsMax * 1_000;
    const due = isFresh && idle && status.watermark < target;
    const won = due && (await tick(settling, status, target));
    if (won) ticked.push(status.partition);
    watermarks.push(won ? target : status.watermark);
  }
  const slowest = Math.min(...watermarks);
  if (slowest > finalTo) await stored.raise(slowest);
  return { ticked, watermark: target };
}

/** To where idle partitions may go; before all time if nowhere. */
function targetOf(
  looks: readonly Look[],
  { journal: { plan, limits }, now, idle }: Settling,
  finalTo: number,
): number {
  const busy = looks.filter((look) => !look.idle).map(({ status }) => status.watermark);
  if (busy.length > 0) return Math.min(...busy);
  if ((plan.idle ?? idle) === 'hold') return timeMin;
  // Once all that can have been counted is final, ticks would only cost money.
  const moved = Math.max(...looks.map((look) => look.moved));
  const skew = plan.futureSkew ?? limits.futureSkewMsMax;
  if (finalTo >= moved + plan.outOfOrder + skew + longestOpen(plan)) return timeMin;
  return now - plan.idleAfter - plan.outOfOrder;
}

/** For how long after its first event a window that ends may still change, at most. */
function longestOpen({ views }: Plan): number {
  const ending = views.filter(({ window }) => window !== globalPlan);
  return Math.max(0, ...ending.map(({ window, lateness }) => window.windowMax + lateness));
}

/** An entry that only raises the watermark; false if another entry was first. */
function tick(
  { journal, now, retentionSeconds }: Settling,
  { partition, index, next, arrival }: PartitionStatus,
  watermark: number,
): Promise<boolean> {
  const entry = emptyEntry(journal.plan, 'tick', { index, next, watermark, arrival });
  const key = { partition: partitionKeyOf(journal.scope, partition), sort: entrySort(entry.index) };
  const expiresAt = Math.ceil(now / 1000) + entryLifeSeconds(retentionSeconds);
  return journal.store.create(key, encodeEntry(key, entry, journal), expiresAt);
}
