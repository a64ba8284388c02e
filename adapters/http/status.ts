import { isTransient } from '../../core/errors.ts';
import { addCounts, type Counts, noCounts } from '../../core/journal/counts.ts';
import type { Plan } from '../../core/plan.ts';
import { longestLag } from '../../core/query/lag.ts';
import type { PartitionStatus, Reader } from '../../core/query/reader.ts';
import { instant, watermarkOf } from '../../core/query/standing.ts';
import type { BilledAt } from '../../cost/used.ts';
import type { Figure } from '../memory/memory-telemetry.ts';
import { usedJson } from './used.ts';
import type { ServedPipeline } from './views.ts';

/** `GET /v1/status`: how far every pipeline and partition is, what became of its events, and what that has used. */
export async function statusOf(
  pipelines: readonly ServedPipeline[],
  figures: readonly Figure[],
  billedAt: readonly BilledAt[],
): Promise<object> {
  const all = await Promise.all(pipelines.map((one) => pipelineStatus(one, billedAt)));
  return { pipelines: all, figures };
}

async function pipelineStatus(
  { plan, reader }: ServedPipeline,
  billedAt: readonly BilledAt[],
): Promise<object> {
  const { partitions, unreadable } = await readAll(reader);
  const counts = partitions.reduce(
    (sum, one) => addCounts(sum, one.counts),
    noCounts(plan.views.length),
  );
  return {
    pipeline: plan.name,
    watermark: instant(watermarkOf(activeOnes(partitions))),
    lagSeconds: longestLag(partitions.map((one) => one.lagSeconds)),
    conserved: isConserved(counts),
    counts: countsJson(counts, plan),
    deadLetters: counts.deadLettered > 0 ? await reader.deadReasons(partitions) : {},
    dedupe: dedupeOf(plan),
    partitions: partitions.map((one) => ({
      partition: one.partition,
      // Positions may have more digits than a JSON number is read with.
      position: String(one.next.position),
      line: one.next.line,
      watermark: instant(one.watermark),
      lagSeconds: one.lagSeconds,
      entry: one.index,
      compactedTo: one.upTo,
      active: one.active,
      hotKeys: one.hotKeys,
      references: one.references,
      counts: countsJson(one.counts, plan),
    })),
    unreadable,
    published: await reader.published(),
    used: await usedJson(await reader.used(partitions), counts.received, billedAt),
  };
}

/** What can be read of all partitions: a damaged one must not hide the others, least of all then. */
async function readAll(reader: Reader) {
  const listed = await reader.listed();
  const results = await Promise.allSettled(listed.map((one) => reader.partition(one)));
  const partitions: PartitionStatus[] = [];
  const unreadable: { partition: string; error: string }[] = [];
  for (const [i, result] of results.entries()) {
    if (result.status === 'fulfilled') partitions.push(result.value);
    else if (isTransient(result.reason)) throw result.reason;
    else unreadable.push({ partition: listed[i]!.partition, error: String(result.reason) });
  }
  return { partitions, unreadable };
}

/** Those to which events may still come; all of them if there are none. */
function activeOnes(partitions: readonly PartitionStatus[]): readonly PartitionStatus[] {
  const active = partitions.filter((one) => one.active);
  return active.length > 0 ? active : partitions;
}

/** The conservation law, as the fold asserts it for each entry. */
function isConserved(counts: Counts): boolean {
  const { received, accepted, duplicates, filtered, deadLettered, views } = counts;
  return (
    received === accepted + duplicates + filtered + deadLettered &&
    views.every(({ offered, counted, late }) => offered === counted + late)
  );
}

function countsJson(counts: Counts, plan: Plan): object {
  const views = plan.views.map(({ name, keysMax }, i) => [
    name,
    keysMax === null
      ? counts.views[i]
      : { ...counts.views[i], overflowed: counts.views[i]?.overflowed ?? 0 },
  ]);
  return { ...counts, views: Object.fromEntries(views) };
}

/** For how long ids are held, and whether an older duplicate can still be counted. */
function dedupeOf(plan: Plan): object {
  const longest = Math.max(...plan.views.map((view) => view.window.paneMax + view.lateness));
  return { withinSeconds: plan.horizon / 1000, exact: plan.horizon >= longest };
}
