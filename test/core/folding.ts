import { compression } from '../../adapters/compression.ts';
import type { StreamRecord } from '../../core/event.ts';
import { type FoldContext, fold } from '../../core/fold/fold.ts';
import type { DeadLetterJson, LateEventJson } from '../../core/fold/kept.ts';
import type { Entry } from '../../core/journal/entry.ts';
import { emptyState } from '../../core/journal/load.ts';
import { advance, type PartitionState } from '../../core/journal/state.ts';
import { defaultLimits, type Limits } from '../../core/limits.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { rowJson } from '../../core/query/answer.ts';
import { noTables } from '../../core/references/references.ts';
import { compareScalars } from '../../core/scalars.ts';
import { Rows } from '../../core/view/rows.ts';

/** Noon of 2001-01-01 UTC, a multiple of every window in these tests. */
export const noon = Date.UTC(2001, 0, 1, 12);

/** A record: bytes and texts as they are, anything else as JSON. It arrives a day after noon unless told. */
export function record(position: number, body: unknown, arrival = noon + 86_400_000): StreamRecord {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(text);
  return { position: BigInt(position), partitionKey: 'k', arrival, body: bytes };
}

/** One record per event, from position 0 on. */
export function recordsOf(events: readonly unknown[], arrival?: number): StreamRecord[] {
  return events.map((event, i) => record(i, event, arrival));
}

/** What `fold` needs for a pipeline. */
export function contextOf(
  { plan }: Pipeline,
  limits: Partial<Limits> & { readonly entryBytesMax?: number } = {},
): FoldContext {
  const all = { ...defaultLimits, ...limits };
  const { entryBytesMax } = all;
  return { plan, limits: all, compression, entryBytesMax, lost: 0, references: noTables };
}

/** The state of a partition that has seen nothing. */
export function beginning({ plan }: FoldContext): PartitionState {
  return emptyState({ plan } as never);
}

/** All that came of folding. */
export interface Outcome {
  readonly state: PartitionState;
  readonly entries: readonly Entry[];
  readonly dead: readonly DeadLetterJson[];
  readonly late: readonly LateEventJson[];
}

/** Folds batches one after the other, each to its end, entry by entry. */
export function foldBatches(
  batches: readonly (readonly StreamRecord[])[],
  context: FoldContext,
  from: PartitionState = beginning(context),
): Outcome {
  let state = from;
  const entries: Entry[] = [];
  const dead: DeadLetterJson[] = [];
  const late: LateEventJson[] = [];
  for (const batch of batches) {
    for (;;) {
      const folded = fold(state, batch, context);
      if (folded.entry === null) break;
      entries.push(folded.entry);
      dead.push(...folded.dead.map(({ json }) => JSON.parse(json)));
      late.push(...folded.late.map(({ json }) => JSON.parse(json)));
      state = advance(state, folded.entry);
    }
  }
  return { state, entries, dead, late };
}

/** Folds one record per event. */
export function foldEvents(
  pipeline: Pipeline,
  events: readonly unknown[],
  limits: Partial<Limits> = {},
): Outcome {
  return foldBatches([recordsOf(events)], contextOf(pipeline, limits));
}

/** The merged rows of all views of some entries as canonical JSON, by view, start and key. */
export function rowsOf({ plan }: Pipeline, entries: readonly Entry[]): string[] {
  return plan.views.flatMap((view, index) => {
    const rows = new Rows(view);
    for (const entry of entries) rows.merge(entry.views[index]!);
    const numbers = [...rows.starts.keys()].sort((a, b) => {
      const before = rows.starts[a]! - rows.starts[b]!;
      if (before !== 0) return before;
      const parts = rows.keys.map((part) => compareScalars(part[a]!, part[b]!));
      return parts.find((order) => order !== 0) ?? 0;
    });
    return numbers.map((row) => rowJson(rows, row, Number.NEGATIVE_INFINITY));
  });
}

/** The measures of those rows, shortly: `{ 'a@0': { c: 1 } }`, by key and minutes after noon. */
export function cells(
  pipeline: Pipeline,
  { entries }: Outcome,
  view = pipeline.plan.views[0]!.name,
): Record<string, Record<string, unknown>> {
  const rows = rowsOf(pipeline, entries).map((json) => JSON.parse(json));
  return Object.fromEntries(
    rows
      .filter((row) => row.view === view)
      .map(({ key, start, measures }) => {
        const minutes = (Date.parse(start) - noon) / 60_000;
        return [`${Object.values(key).join('/')}@${minutes}`, measures];
      }),
  );
}
