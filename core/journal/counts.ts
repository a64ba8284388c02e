import type { Reader, Writer } from '../bytes.ts';
import { MillraceError } from '../errors.ts';

/** What became of the events handed to one view. */
export interface ViewCounts {
  readonly offered: number;
  readonly counted: number;
  readonly late: number;
  /** Those of `counted` that went into the overflow row; absent for none. */
  readonly overflowed?: number;
}

/** What became of the events of a partition; `views` in the order of the definition. */
export interface Counts {
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly filtered: number;
  readonly deadLettered: number;
  /** Records that the stream no longer had when their turn came. They are not part of `received`. */
  readonly lost: number;
  readonly views: readonly ViewCounts[];
}

const noViewCounts: ViewCounts = { offered: 0, counted: 0, late: 0 };

function some(overflowed: number): { readonly overflowed?: number } {
  return overflowed === 0 ? {} : { overflowed };
}

/** The counts of nothing, for so many views. */
export function noCounts(views: number): Counts {
  return {
    received: 0,
    accepted: 0,
    duplicates: 0,
    filtered: 0,
    deadLettered: 0,
    lost: 0,
    views: Array.from({ length: views }, () => noViewCounts),
  };
}

/** The sum of two counts of the same pipeline. */
export function addCounts(a: Counts, b: Counts): Counts {
  return {
    received: a.received + b.received,
    accepted: a.accepted + b.accepted,
    duplicates: a.duplicates + b.duplicates,
    filtered: a.filtered + b.filtered,
    deadLettered: a.deadLettered + b.deadLettered,
    lost: a.lost + b.lost,
    views: a.views.map((view, i) => {
      const { offered, counted, late, overflowed } = b.views[i] ?? noViewCounts;
      return {
        offered: view.offered + offered,
        counted: view.counted + counted,
        late: view.late + late,
        ...some((view.overflowed ?? 0) + (overflowed ?? 0)),
      };
    }),
  };
}

/**
 * The conservation law: every event received is accounted for exactly once, in total and per view.
 *
 * @throws MillraceError `bug` when the counts break it.
 */
export function assertConserved(counts: Counts, where: string): void {
  const { received, accepted, duplicates, filtered, deadLettered, views } = counts;
  if (received !== accepted + duplicates + filtered + deadLettered) {
    throw new MillraceError('bug', `${where}: events got lost: ${JSON.stringify(counts)}`);
  }
  for (const view of views) {
    if (view.offered !== view.counted + view.late || (view.overflowed ?? 0) > view.counted) {
      throw new MillraceError('bug', `${where}: a view lost events: ${JSON.stringify(counts)}`);
    }
  }
}

/** Writes counts as integers. */
export function encodeCounts(out: Writer, counts: Counts): void {
  out.unsigned(counts.received);
  out.unsigned(counts.accepted);
  out.unsigned(counts.duplicates);
  out.unsigned(counts.filtered);
  out.unsigned(counts.deadLettered);
  out.unsigned(counts.lost);
  for (const { offered, counted, late, overflowed } of counts.views) {
    out.unsigned(offered);
    out.unsigned(counted);
    out.unsigned(late);
    out.unsigned(overflowed ?? 0);
  }
}

/** Reads the counts of so many views; counts that break the conservation law are `damaged`. */
export function decodeCounts(from: Reader, views: number): Counts {
  const counts: Counts = {
    received: from.unsigned(),
    accepted: from.unsigned(),
    duplicates: from.unsigned(),
    filtered: from.unsigned(),
    deadLettered: from.unsigned(),
    lost: from.unsigned(),
    views: Array.from({ length: views }, () => ({
      offered: from.unsigned(),
      counted: from.unsigned(),
      late: from.unsigned(),
      ...some(from.unsigned()),
    })),
  };
  try {
    assertConserved(counts, 'stored counts');
  } catch {
    throw from.damaged('counts that do not add up');
  }
  return counts;
}
