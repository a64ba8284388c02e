import { MillraceError } from '../errors.ts';
import { type Partitions, readPartitions } from '../journal/partitions.ts';
import type { Pipeline, Row } from '../pipeline.ts';
import type { Orderable } from '../pipeline-types.ts';
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
import { GroupCache, groupBy } from './group.ts';
import { Lag } from './lag.ts';
import { Merges } from './merges.ts';
import { keyFilter, select } from './select.ts';
import { type Asked, selectionOf } from './selection.ts';
import { type ReadCache, type Snapshot, snapshot, type ViewRange } from './snapshot.ts';
import { etagOf, headOf, type Standing, standingOf, stateOf } from './standing.ts';
import { decodeToken } from './token.ts';
import { WeightedCache } from './weighted-cache.ts';
import { WindowCache } from './windows.ts';

/** The names of the parts of a row's key. */
export type KeyPart<R> = R extends { readonly key: infer K } ? keyof K & string : never;

/** Texts by key part, of the parts that are texts. */
type Prefixes<K> = { readonly [P in keyof K as K[P] extends string ? P : never]?: string };

/** A row whose key has only some of its parts. */
export type Grouped<R, G> = R extends { readonly key: infer K }
  ? { readonly [P in keyof R]: P extends 'key' ? Pick<K, Extract<G, keyof K>> : R[P] }
  : never;

/** A query as a program writes it, its names checked against the row type. */
export interface Query<R> {
  /** RFC 3339; windows that start at or after it. */
  readonly from?: string;
  /** RFC 3339; windows that start before it. */
  readonly to?: string;
  /** Key parts that must be equal. */
  readonly key?: R extends { readonly key: infer K } ? Partial<K> : never;
  /** What key parts that are texts must begin with. */
  readonly prefix?: R extends { readonly key: infer K } ? Prefixes<K> : never;
  /**
   * Key parts by which rows are merged, as exactly as if the view had no others; none of them gives one row per window.
   * A session of a group is a chain of the events of all of its keys.
   */
  readonly group?: readonly KeyPart<R>[];
  /**
   * A measure, or a number of one that has several (`delay.p95`); `-` in front for the largest first. By default rows
   * come by start and key.
   */
  readonly orderBy?: R extends { readonly measures: infer M }
    ? Orderable<M> | `-${Orderable<M>}`
    : never;
  /** Only the first so many rows of each window by `orderBy`; windows come by start. */
  readonly top?: number;
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

/** Rows that decoded entries and pages may hold in a reader's cache. */
const cacheRowsMax = 2_000_000;

/** Answers queries from head, tail and pages. Keeps what never changes, so a warm one reads only what is new. */
export class Reader {
  private readonly context: PageContext;
  private readonly clock: Clock;
  private readonly lag: Lag;
  private readonly cache: ReadCache = {
    tails: new Map(),
    pages: new WeightedCache(cacheRowsMax),
    lists: new WeightedCache(cacheRowsMax / 4),
  };
  private readonly merges = new Merges();
  private readonly groups = new GroupCache();
  private readonly windows = new WindowCache();

  /** `lagMs`: for how long what the stream said about a partition is good enough, milliseconds. */
  constructor(context: PageContext, stream: StreamReader, clock: Clock, lagMs: number = 1_000) {
    this.context = context;
    this.clock = clock;
    this.lag = new Lag(stream, clock, lagMs);
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
    const { partitions, snapshots } = await this.snapshots(null);
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
    const parts = standing.snapshots.flatMap((one) => (one.rows ? [one.rows] : []));
    const panes = this.grouped(this.merges.of(view, parts, most), asked);
    const rows = this.windows.windowsOf(panes, asked.from, asked.to, most);
    // Of groups the keys were chosen before parts of them were left out.
    const rest = asked.group === null ? asked : { ...asked, key: {}, prefix: {} };
    const { rows: selected, next } = select(rows, rest, standing.watermark);
    return { ...standing, panes, rows, selected, answer: await this.answer(standing, next) };
  }

  /** The state that an answer would be computed from: heads and tails, and no merge. */
  private async standing(view: ViewPlan, asked: Asked, withRows: boolean): Promise<Standing> {
    const { from, to } = asked;
    const found = await this.snapshots(withRows ? { view, from, to } : null);
    return standingOf(this.context, view, asked, found.partitions, found.snapshots);
  }

  private async snapshots(
    range: ViewRange | null,
  ): Promise<{ readonly partitions: Partitions | null; readonly snapshots: readonly Snapshot[] }> {
    const partitions = await readPartitions(this.context);
    const snapshots = await Promise.all(
      (partitions?.everSeen ?? []).map((partition) =>
        // A look is followed by a read if there is anything new: it takes the rows of new entries with it.
        snapshot(this.context, partition, range, this.cache, true),
      ),
    );
    return { partitions, snapshots };
  }

  private async answer(standing: Standing, next: string | null): Promise<Read['answer']> {
    const lagSeconds = await this.lag.seconds(standing.active);
    return { ...headOf(this.context, standing), lagSeconds, next };
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
}
