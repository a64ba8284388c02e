import { timeMax, timeMin } from '../event.ts';
import type { Partitions } from '../journal/partitions.ts';
import type { ViewPlan } from '../plan.ts';
import type { PageContext } from '../view/page.ts';
import type { Answer, Reached } from './answer.ts';
import { keptOf, levelOf } from './retention.ts';
import type { Asked } from './selection.ts';
import type { Snapshot } from './snapshot.ts';
import { hashOf, type Mark, nameOfAsked } from './token.ts';

/** The state of a pipeline as one read found it, with what was asked of it. */
export interface Standing extends Reached {
  readonly view: ViewPlan;
  readonly asked: Asked;
  readonly snapshots: readonly Snapshot[];
  /** The event time by which retention is judged. */
  readonly level: number;
  /** The partitions to which events may still come. */
  readonly active: readonly Snapshot[];
  readonly mark: Mark;
  readonly partitions: Partitions | null;
}

/** What the snapshots of all partitions say together. */
export function standingOf(
  { scope }: PageContext,
  view: ViewPlan,
  asked: Asked,
  partitions: Partitions | null,
  snapshots: readonly Snapshot[],
): Standing {
  const active = activeOf(snapshots, partitions);
  const finalTo = finalOf(partitions, active);
  const watermark = watermarkOf(active);
  const level = levelOf(partitions?.finalTo ?? timeMin, watermark);
  const mark: Mark = {
    ...{ finalTo, watermark, level, of: nameOfAsked(view, scope.generation, asked) },
    indexes: new Map(snapshots.map(({ partition, index }) => [partition, index])),
  };
  return { view, asked, partitions, snapshots, active, finalTo, watermark, level, mark };
}

/** A name for all that answers are computed from, the definition aside. */
export function stateOf(partitions: Partitions | null, snapshots: readonly Snapshot[]): string {
  const states = snapshots.map(({ partition, index, next, watermark, arrival, counts, end }) => {
    const { received } = counts;
    return [partition, index, String(next.position), next.line, watermark, arrival, received, end];
  });
  const { finalTo = timeMin, active = [] } = partitions ?? {};
  return hashOf(JSON.stringify([finalTo, active, states]));
}

/**
 * The entity tag of an answer: the same as long as what was asked and the state that it is computed from are. It is a
 * weak one: the lag in an answer is another one each time.
 *
 * @param form what else the answer depends on.
 */
export function etagOf(standing: Standing, form: string): string {
  const { mark, asked, partitions, snapshots } = standing;
  const state = stateOf(partitions, snapshots);
  return `W/"${hashOf(JSON.stringify([mark.of, asked.cursor, form, state]))}"`;
}

/** What an answer says beside its rows, without the lag and the cursor. */
export function headOf(
  { plan, scope }: PageContext,
  { view, asked, watermark, level, snapshots }: Standing,
): Omit<Answer<never>, 'rows' | 'lagSeconds' | 'next'> {
  const index = plan.views.indexOf(view);
  const { window } = asked.grain.stored;
  return {
    view: view.name,
    generation: scope.generation,
    watermark: instant(watermark),
    late: total(snapshots, ({ counts }) => counts.views[index]?.late ?? 0),
    deadLettered: total(snapshots, ({ counts }) => counts.deadLettered),
    grainSeconds: window.kind === 'tumbling' ? window.unit / 1000 : null,
    keptFrom: instant(keptOf(asked, view, level, timeMin).from),
  };
}

/** Up to when all that this read has found is final: it may have found less than what the list goes by. */
export function finalOf(partitions: Partitions | null, active: readonly Snapshot[]): number {
  const { finalTo, finalWhenListed } = partitions ?? { finalTo: timeMin, finalWhenListed: timeMin };
  if (finalTo === timeMax) return timeMax;
  // A read that does not see the beginning of a partition which has begun has seen nothing of it.
  if (finalTo > finalWhenListed && active.some(({ index }) => index < 0)) return timeMin;
  // One that is only just listed begins at `finalTo` or later.
  return active.reduce(
    (least, one) => (one.index < 0 ? least : Math.min(least, one.watermark)),
    finalTo,
  );
}

/**
 * The partitions to which events may still come, as far as this read has seen: one that is no longer listed as active
 * counts until its end is seen too. All of them if there are none.
 */
export function activeOf(
  snapshots: readonly Snapshot[],
  partitions: Partitions | null,
): readonly Snapshot[] {
  const active = snapshots.filter(
    ({ partition, end }) => end === null || partitions?.active.includes(partition),
  );
  return active.length > 0 ? active : snapshots;
}

function total(snapshots: readonly Snapshot[], of: (one: Snapshot) => number): number {
  return snapshots.reduce((sum, one) => sum + of(one), 0);
}

/** The event time up to which every partition is complete. */
export function watermarkOf(snapshots: readonly Snapshot[]): number {
  if (snapshots.length === 0) return timeMin;
  return snapshots.reduce((least, { watermark }) => Math.min(least, watermark), timeMax);
}

/** RFC 3339 of an instant; null before anything was seen. */
export function instant(ms: number): string | null {
  return ms <= timeMin ? null : new Date(ms).toISOString();
}
