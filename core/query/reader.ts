import { MillraceError } from '../errors.ts';
import { timeMax, timeMin } from '../event.ts';
import { type Partitions, readPartitions } from '../journal/partitions.ts';
import type { Pipeline, Row } from '../pipeline.ts';
import type { Orderable } from '../pipeline-types.ts';
import type { ViewPlan } from '../plan.ts';
import { deadReasons, type Reasons } from '../poison.ts';
import type { Clock } from '../ports/clock.ts';
import type { StreamReader } from '../ports/stream-reader.ts';
import type { PageContext } from '../view/page.ts';
import { Rows } from '../view/rows.ts';
import { type Answer, type AnyRow, rowJson, rowValue } from './answer.ts';
import { Lag } from './lag.ts';
import { select } from './select.ts';
import { selectionOf } from './selection.ts';
import { type ReadCache, type Snapshot, snapshot, type ViewRange } from './snapshot.ts';
import { tooWide } from './too-wide.ts';
import { WeightedCache } from './weighted-cache.ts';
import { WindowCache } from './windows.ts';

/** A query as a program writes it, its names checked against the row type. */
export interface Query<R> {
  /** RFC 3339; windows that start at or after it. */
  readonly from?: string;
  /** RFC 3339; windows that start before it. */
  readonly to?: string;
  /** Key parts that must be equal. */
  readonly key?: R extends { readonly key: infer K } ? Partial<K> : never;
  /**
   * A measure, or a number of one that has several (`delay.p95`); `-` in front for the largest first. By default rows
   * come by start and key.
   */
  readonly orderBy?: R extends { readonly measures: infer M }
    ? Orderable<M> | `-${Orderable<M>}`
    : never;
  /** Default 100. */
  readonly limit?: number;
  /** `next` of the answer before. */
  readonly cursor?: string;
}

/** A query as it comes from outside: every value is text or missing. */
export type AnyQuery = Query<{
  readonly key: Readonly<Record<string, string | number | boolean>>;
  readonly measures: Readonly<Record<string, unknown>>;
}>;

/** The name of a partition in the journal. */
export interface ListedPartition {
  readonly partition: string;
  /** Whether events may still come to it. */
  readonly active: boolean;
}

/** A partition as it is now. */
export interface PartitionStatus extends Snapshot, ListedPartition {
  /** How long the first record that is not committed has waited; null when the stream can't be asked. */
  readonly lagSeconds: number | null;
}

/** A merged table with what an answer says about it. */
export interface Read {
  readonly rows: Rows;
  readonly selected: readonly number[];
  readonly finalTo: number;
  readonly answer: Omit<Answer<never>, 'rows'>;
}

/** Windows as one consistent read of all partitions found them. */
export interface WindowsRead {
  /** Those of the range are whole; those of other windows are not. Not to be changed. */
  readonly rows: Rows;
  readonly snapshots: readonly Snapshot[];
  /** The partitions to which events may still come. */
  readonly active: readonly Snapshot[];
  readonly finalTo: number;
}

/** Rows that decoded entries and pages may hold in a reader's cache. */
const cacheRowsMax = 2_000_000;
/** Rows of a merge over all partitions that is kept, and there are at most four. */
const mergedRowsMax = 250_000;

/** Tables of all partitions and their merge. */
interface Merge {
  readonly view: ViewPlan;
  readonly parts: readonly Rows[];
  readonly rows: Rows;
}

/** Answers queries from head, tail and pages. Keeps what never changes, so a warm one reads only what is new. */
export class Reader {
  private readonly context: PageContext;
  private readonly lag: Lag;
  private readonly cache: ReadCache = {
    tails: new Map(),
    pages: new WeightedCache(cacheRowsMax),
    lists: new WeightedCache(cacheRowsMax / 4),
  };
  private merges: readonly Merge[] = [];
  private readonly windows = new WindowCache();

  /** `lagMs`: for how long what the stream said about a partition is good enough, milliseconds. */
  constructor(context: PageContext, stream: StreamReader, clock: Clock, lagMs: number = 1_000) {
    this.context = context;
    this.lag = new Lag(stream, clock, lagMs);
  }

  /**
   * The rows of a view, typed by the pipeline.
   *
   * @throws MillraceError `request` for a query that can't be answered, with what is wrong.
   */
  async query<P extends Pipeline, const V extends keyof P['views'] & string>(
    _pipeline: P,
    view: V,
    query: NoInfer<Query<Row<P, V>>> = {},
  ): Promise<Answer<Row<P, V>>> {
    const { answer, rows, selected, finalTo } = await this.read(view, query as AnyQuery);
    const values = selected.map((row) => rowValue(rows, row, finalTo));
    return { ...answer, rows: values as readonly AnyRow[] as never };
  }

  /** An answer as JSON text, numbers with all their digits. */
  async queryJson(view: string, query: AnyQuery): Promise<string> {
    const { answer, rows, selected, finalTo } = await this.read(view, query);
    const { next, ...head } = answer;
    const texts = selected.map((row) => rowJson(rows, row, finalTo));
    const opening = JSON.stringify(head).slice(0, -1);
    return `${opening},"rows":[${texts.join(',')}],"next":${JSON.stringify(next)}}`;
  }

  /** Reads, merges and selects. */
  async read(viewName: string, query: AnyQuery): Promise<Read> {
    const view = this.view(viewName);
    const selection = selectionOf(query, view, this.context.limits.answerRowsMax);
    const { rows, snapshots, active, finalTo } = await this.windowsIn(view, selection);
    const { rows: selected, next } = select(rows, selection, watermarkOf(active));
    const index = this.context.plan.views.indexOf(view);
    const answer = {
      view: viewName,
      generation: this.context.scope.generation,
      watermark: instant(watermarkOf(active)),
      late: total(snapshots, ({ counts }) => counts.views[index]?.late ?? 0),
      deadLettered: total(snapshots, ({ counts }) => counts.deadLettered),
      lagSeconds: await this.lag.seconds(active),
      next,
    };
    return { rows, selected, finalTo, answer };
  }

  /** The windows of a view that start in a range, as one consistent read finds them, perhaps among others. */
  async windowsIn(view: ViewPlan, { from, to }: Omit<ViewRange, 'view'>): Promise<WindowsRead> {
    const partitions = await readPartitions(this.context);
    const names = partitions?.everSeen ?? [];
    const range = { view, from, to };
    const snapshots = await Promise.all(
      names.map((partition) => snapshot(this.context, partition, range, this.cache)),
    );
    const panes = this.merge(view, snapshots);
    const rows = this.windows.windowsOf(panes, from, to, this.context.limits.queryRowsMax);
    const active = activeOf(snapshots, partitions);
    return { rows, snapshots, active, finalTo: finalOf(partitions, active) };
  }

  /** The names of all partitions, and whether events may still come to each. */
  async listed(): Promise<readonly ListedPartition[]> {
    const { everSeen = [], active = [] } = (await readPartitions(this.context)) ?? {};
    return everSeen.map((partition) => ({ partition, active: active.includes(partition) }));
  }

  /** One partition as it is now, without rows. */
  async partition({ partition, active }: ListedPartition): Promise<PartitionStatus> {
    const one = await snapshot(this.context, partition, null, this.cache);
    return { ...one, active, lagSeconds: active ? await this.lag.seconds([one]) : 0 };
  }

  /** Every partition as it is now, without rows. */
  async partitions(): Promise<readonly PartitionStatus[]> {
    return Promise.all((await this.listed()).map((one) => this.partition(one)));
  }

  /** How many of the newest dead letters there are of each reason, as far as their notices have been taken. */
  deadReasons(partitions: readonly Snapshot[]): Promise<Reasons> {
    return deadReasons(this.context, partitions);
  }

  private view(name: string): ViewPlan {
    const { views } = this.context.plan;
    const view = views.find((one) => one.name === name);
    if (view !== undefined) return view;
    const there = views.map((one) => one.name).join(', ');
    const text = `there is no view '${name}'; there are ${there}`;
    throw new MillraceError('request', text, { problems: [text] });
  }

  /** The rows of all partitions together; kept, since most polls find nothing new. */
  private merge(view: ViewPlan, snapshots: readonly Snapshot[]): Rows {
    const parts = snapshots.flatMap(({ rows }) => (rows ? [rows] : []));
    const size = parts.reduce((sum, rows) => sum + rows.size, 0);
    const most = this.context.limits.queryRowsMax;
    if (size > most) throw tooWide(`${size} rows, over ${most}`);
    if (parts.length === 1) return parts[0] as Rows;
    const same = (one: Merge): boolean =>
      one.parts.length === parts.length && one.parts.every((rows, i) => rows === parts[i]);
    const kept = this.merges.find((one) => one.view === view && same(one));
    if (kept) return kept.rows;
    const all = new Rows(view);
    for (const rows of parts) all.merge(rows);
    if (all.weight <= mergedRowsMax)
      this.merges = [{ view, parts, rows: all }, ...this.merges.slice(0, 3)];
    return all;
  }
}

/** Up to when all that this read has found is final: it may have found less than what the list goes by. */
function finalOf(partitions: Partitions | null, active: readonly Snapshot[]): number {
  const { finalTo } = partitions ?? { finalTo: timeMin };
  if (finalTo === timeMax) return timeMax;
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
function activeOf(
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
