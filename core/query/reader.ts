import { type HotKey, hotKeys } from '../journal/key-sample.ts';
import type { Usage } from '../journal/usage.ts';
import type { Pipeline, Row } from '../pipeline.ts';
import type { ViewPlan } from '../plan.ts';
import { deadReasons, type Reasons } from '../poison.ts';
import type { Clock } from '../ports/clock.ts';
import type { StreamReader } from '../ports/stream-reader.ts';
import type { PageContext } from '../view/page.ts';
import type { Rows } from '../view/rows.ts';
import { type Answer, type AnyRow, rowValue } from './answer.ts';
import { type Difference, difference, type Source } from './changes.ts';
import {
  type Changes,
  type ChangesText,
  changesJson,
  changesOf,
  type Format,
  limited,
  textOf,
} from './format.ts';
import { panesOf } from './grain.ts';
import { GroupCache, groupBy } from './group.ts';
import { Lag } from './lag.ts';
import { Merges } from './merges.ts';
import { PatientReads } from './patient-reads.ts';
import { type Published, publishedBy } from './published.ts';
import type { AnyQuery, Grouped, KeyPart, Query } from './query.ts';
import { keptOf, rangeOf } from './retention.ts';
import { keyFilter, select } from './select.ts';
import { type Asked, selectionOf } from './selection.ts';
import { removedOf, type Snapshot, type ViewRange } from './snapshot.ts';
import {
  activeOf,
  etagOf,
  finalOf,
  headOf,
  instant,
  type Standing,
  standingOf,
  stateOf,
} from './standing.ts';
import { decodeToken } from './token.ts';
import { usedBy } from './used.ts';
import { viewNamed } from './view-named.ts';
import { WindowCache } from './windows.ts';

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
  /** Partition keys with more than their share of the latest events. */
  readonly hotKeys: readonly HotKey[];
}

/** A state with what an answer says about it. */
export interface Look extends Standing {
  readonly answer: Omit<Answer<never>, 'rows'>;
}

/** A merged table with what an answer says about it. */
export interface Read extends Look {
  /** The panes that the rows were put together from, by the parts of the key that were asked for. */
  readonly panes: Rows;
  readonly rows: Rows;
  readonly selected: readonly number[];
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

/** How a reader goes about what it asks for. */
export interface ReaderSettings {
  /** For how long what the stream said about a partition is good enough, milliseconds. */
  readonly lagMs: number;
  /** 0 <= random() < 1. */
  readonly random: () => number;
}

/**
 * Answers queries from head, tail and pages. Keeps what never changes, so a warm one reads only what is new. A store
 * that fails for a passing reason is asked again, for a while.
 */
export class Reader {
  private readonly context: PageContext;
  private readonly clock: Clock;
  private readonly lag: Lag;
  private readonly reads: PatientReads;
  private readonly merges = new Merges();
  private readonly groups = new GroupCache();
  private readonly windows = new WindowCache();

  constructor(
    context: PageContext,
    stream: StreamReader,
    clock: Clock,
    { lagMs, random }: ReaderSettings = { lagMs: 1_000, random: () => 0.5 },
  ) {
    this.context = context;
    this.clock = clock;
    this.lag = new Lag(stream, clock, lagMs);
    this.reads = new PatientReads(context, clock, random);
  }

  /**
   * The rows of a view, typed by the pipeline.
   *
   * @throws MillraceError `request` for a query that can't be answered, with what is wrong.
   */
  async query<
    P extends Pipeline,
    const V extends keyof P['views'] & string,
    const G extends KeyPart<Row<P, V>> = KeyPart<Row<P, V>>,
  >(
    _pipeline: P,
    view: V,
    query: NoInfer<Omit<Query<Row<P, V>>, 'group'>> & { readonly group?: readonly G[] } = {},
  ): Promise<Answer<Grouped<Row<P, V>, G>>> {
    const read = await this.read(view, query as AnyQuery);
    const values = read.selected.map((row) => rowValue(read.rows, row, read));
    return { ...read.answer, rows: values as readonly AnyRow[] as never };
  }

  /** An answer as JSON text, numbers with all their digits. */
  async queryJson(view: string, query: AnyQuery): Promise<string> {
    return textOf(await this.read(view, query), 'rows', this.context.limits, this.clock.now());
  }

  /** An answer as text of a format, and its entity tag. A format for programs has all rows that it may, by default. */
  async text(
    view: string,
    query: AnyQuery,
    format: Format,
  ): Promise<{ readonly text: string; readonly etag: string; readonly next: string | null }> {
    const read = await this.read(view, limited(query, format, this.context.limits));
    const text = textOf(read, format, this.context.limits, this.clock.now());
    return { text, etag: etagOf(read, format), next: read.answer.next };
  }

  /** The entity tag that {@link text} would give: it costs no merge. */
  async etag(view: string, query: AnyQuery, format: Format): Promise<string> {
    const { limits } = this.context;
    const plan = this.view(view);
    const asked = selectionOf(limited(query, format, limits), plan, limits.answerRowsMax);
    return etagOf(await this.standing(plan, asked, false), format);
  }

  /** A name for the state of all partitions: another one once anything in any answer may be. It costs no merge. */
  async state(): Promise<string> {
    const { partitions, snapshots } = await this.reads.all(() => null);
    return stateOf(partitions, snapshots);
  }

  /**
   * What has changed since a token was given, typed by the pipeline: rows, and which rows of before are gone.
   *
   * @param since `token` of the answer before; null for the first one.
   * @throws MillraceError `request` as {@link query}; `unavailable` where this instance has not yet seen what the token
   * has: ask again.
   */
  async changes<
    P extends Pipeline,
    const V extends keyof P['views'] & string,
    const G extends KeyPart<Row<P, V>> = KeyPart<Row<P, V>>,
  >(
    _pipeline: P,
    view: V,
    since: string | null,
    query: NoInfer<Omit<Query<Row<P, V>>, 'group'>> & { readonly group?: readonly G[] } = {},
  ): Promise<Changes<Grouped<Row<P, V>, G>>> {
    const found = await this.difference(view, query as AnyQuery, since);
    return changesOf(found) as Changes<never>;
  }

  /** As {@link changes}, as JSON text with all digits of numbers. */
  async changesJson(view: string, query: AnyQuery, since: string | null): Promise<ChangesText> {
    const found = await this.difference(view, query, since);
    return { text: changesJson(found), token: found.token, moved: found.read !== null };
  }

  private difference(name: string, query: AnyQuery, since: string | null): Promise<Difference> {
    const view = this.view(name);
    const { context, clock } = this;
    const asked = selectionOf(query, view, context.limits.answerRowsMax);
    const source: Source = {
      ...{ context, now: clock.now(), read: () => this.read(name, query) },
      look: async () => {
        const standing = await this.standing(view, asked, false);
        return { ...standing, answer: await this.answer(standing, null) };
      },
    };
    return difference(source, since === null ? null : decodeToken(since));
  }

  /** Reads, merges and selects. */
  async read(viewName: string, query: AnyQuery): Promise<Read> {
    const view = this.view(viewName);
    const asked = selectionOf(query, view, this.context.limits.answerRowsMax);
    const standing = await this.standing(view, asked, true);
    const most = this.context.limits.queryRowsMax;
    const { level, snapshots } = standing;
    const panes = this.grouped(this.merges.of(asked.grain.stored, snapshots, most), asked);
    const kept = keptOf(asked, view, level, removedOf(snapshots));
    const rows = this.windows.windowsOf(panes, asked.grain, kept.range, most);
    // Of groups the keys were chosen before parts of them were left out.
    const keys = asked.group === null ? {} : { key: {}, prefix: {} };
    const chosen = select(rows, { ...asked, ...kept.range, ...keys }, level);
    const answer = { ...(await this.answer(standing, chosen.next)), keptFrom: instant(kept.from) };
    return { ...standing, panes, rows, selected: chosen.rows, answer };
  }

  /** The state that an answer would be computed from: heads and tails, and no merge. */
  private async standing(view: ViewPlan, asked: Asked, withRows: boolean): Promise<Standing> {
    const found = await this.reads.all((finalTo) => {
      const { grain } = asked;
      return withRows ? { view: grain.stored, ...panesOf(grain, rangeOf(asked, finalTo)) } : null;
    });
    return standingOf(this.context, view, asked, found.partitions, found.snapshots);
  }

  private async answer(standing: Standing, next: string | null): Promise<Read['answer']> {
    const lagSeconds = await this.lag.seconds(standing.active);
    return { ...headOf(this.context, standing), lagSeconds, next };
  }

  /** The windows of a view that start in a range, as one consistent read finds them, perhaps among others. */
  async windowsIn(view: ViewPlan, { from, to }: Omit<ViewRange, 'view'>): Promise<WindowsRead> {
    const { partitions, snapshots } = await this.reads.all(() => ({ view, from, to }));
    const most = this.context.limits.queryRowsMax;
    const panes = this.merges.of(view, snapshots, most);
    const grain = { stored: view, windows: 'stored' as const };
    const rows = this.windows.windowsOf(panes, grain, { from, to }, most);
    const active = activeOf(snapshots, partitions);
    return { rows, snapshots, active, finalTo: finalOf(partitions, active) };
  }

  private grouped(panes: Rows, { group, key, prefix }: Asked): Rows {
    if (group === null) return panes;
    const of = JSON.stringify([group, key, prefix]);
    return this.groups.groupsOf(panes, of, () =>
      groupBy(panes, group, keyFilter(panes, { key, prefix })),
    );
  }

  /** The names of all partitions, and whether events may still come to each. */
  async listed(): Promise<readonly ListedPartition[]> {
    const { everSeen = [], active = [] } = (await this.reads.partitions()) ?? {};
    return everSeen.map((partition) => ({ partition, active: active.includes(partition) }));
  }

  /** One partition as it is now, without rows. */
  async partition({ partition, active }: ListedPartition): Promise<PartitionStatus> {
    const one = await this.reads.snapshot(partition, null, false);
    const found = hotKeys(one.partitionKeys, this.context.limits.hotKeyPercentMin);
    const lagSeconds = active ? await this.lag.seconds([one]) : 0;
    return { ...one, active, lagSeconds, hotKeys: found };
  }

  /** Every partition as it is now, without rows. */
  async partitions(): Promise<readonly PartitionStatus[]> {
    return Promise.all((await this.listed()).map((one) => this.partition(one)));
  }

  /** How many of the newest dead letters there are of each reason, as far as their notices have been taken. */
  deadReasons(partitions: readonly Snapshot[]): Promise<Reasons> {
    return this.reads.patiently(() => deadReasons(this.context, partitions));
  }

  /** How far the views are that are published. */
  published(): Promise<readonly Published[]> {
    return this.reads.patiently(() => publishedBy(this.context));
  }

  /** What was used; `partitions` are all of them. */
  used(partitions: readonly Snapshot[]): Promise<Usage> {
    return this.reads.patiently(() => usedBy(this.context, partitions));
  }

  private view(name: string): ViewPlan {
    return viewNamed(this.context.plan, name);
  }
}
