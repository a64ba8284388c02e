import type { Static, TSchema } from 'typebox';
import { compile } from './definition.ts';
import type { Duration } from './duration.ts';
import type {
  CommonField,
  Derived,
  FieldOf,
  Histogram,
  Lacking,
  Match,
  MatchOf,
  Measure,
  NumericResult,
  Prettify,
  Quantiles,
  Results,
  Scalar,
  Top,
  ValueOf,
} from './pipeline-types.ts';
import type { Idle, Plan } from './plan.ts';
import type { RowState } from './query/answer.ts';
import {
  type Reference,
  type ReferenceTable,
  reference,
  type Tables,
} from './references/reference.ts';
import type { Rollup } from './rollup-definition.ts';
import { type Spread, spread } from './spread.ts';
import {
  type Days,
  days,
  type Months,
  months,
  type Weekday,
  type Weeks,
  weeks,
} from './window/calendar.ts';
import { type Global, global } from './window/global.ts';
import { type Hopping, hopping } from './window/hopping.ts';
import { type Session, session } from './window/session.ts';
import { type Tumbling, tumbling } from './window/tumbling.ts';
import type { Window } from './window/window-definition.ts';

export type {
  Days,
  Duration,
  Global,
  Hopping,
  Months,
  Reference,
  ReferenceTable,
  Rollup,
  Session,
  Spread,
  Tumbling,
  Weekday,
  Weeks,
  Window,
};
export { days, global, hopping, months, reference, session, spread, tumbling, weeks };

/** The measures of events E, within N: `never` when every event is measured, `null` when `where` may leave a row empty. */
export interface Measures<E, Root, N> {
  /** How many events. */
  count(): Measure<Root, number>;
  /** The exact sum. Each value is taken by its shortest decimal text, rounded half away from zero to `scale` digits (default 0). */
  sum(field: FieldOf<E, number>, options?: { readonly scale?: number }): Measure<Root, number>;
  /** The correctly rounded quotient of the exact sum and the count; `scale` as in `sum`. */
  mean<K extends FieldOf<E, number>>(
    field: K,
    options?: { readonly scale?: number },
  ): Measure<Root, number | N | Lacking<E, K>>;
  /** The population variance, exact until it is rounded once; `scale` as in `sum`. */
  variance<K extends FieldOf<E, number>>(
    field: K,
    options?: { readonly scale?: number },
  ): Measure<Root, number | N | Lacking<E, K>>;
  /** The population standard deviation; `scale` as in `sum`. */
  stddev<K extends FieldOf<E, number>>(
    field: K,
    options?: { readonly scale?: number },
  ): Measure<Root, number | N | Lacking<E, K>>;
  /** The smallest value. */
  min<K extends FieldOf<E, number | string>>(
    field: K,
  ): Measure<Root, ValueOf<E, K> | N | Lacking<E, K>>;
  /** The largest value. */
  max<K extends FieldOf<E, number | string>>(
    field: K,
  ): Measure<Root, ValueOf<E, K> | N | Lacking<E, K>>;
  /** Quantiles to a relative error of 1 %: `on.quantiles('delay', [0.5, 0.99])` gives `{ p50, p99 }`. */
  quantiles<K extends FieldOf<E, number>, const Q extends readonly number[]>(
    field: K,
    at: Q,
  ): Measure<Root, Quantiles<Q> | N | Lacking<E, K>>;
  /** How many values lie below the first edge and from each edge up to the next: `{ below, from0, from15 }`. */
  histogram<const B extends readonly number[]>(
    field: FieldOf<E, number>,
    edges: B,
  ): Measure<Root, Histogram<B>>;
  /** About how many distinct values: the number itself up to 512, then a standard error of 1.6 %. */
  distinct(field: FieldOf<E, Scalar>): Measure<Root, number>;
  /** The `k` most frequent values, each with bounds of its count. The one measure that may depend on the order of events. */
  topK<K extends FieldOf<E, Scalar>>(
    field: K,
    k: number,
  ): Measure<Root, readonly Top<ValueOf<E, K>>[]>;
  /** The value of the event of the earliest time, then the smallest id. */
  first<K extends FieldOf<E, Scalar>>(field: K): Measure<Root, ValueOf<E, K> | N | Lacking<E, K>>;
  /** The value of the event of the latest time, then the greatest id. */
  last<K extends FieldOf<E, Scalar>>(field: K): Measure<Root, ValueOf<E, K> | N | Lacking<E, K>>;
}

/** What the callback of `views` builds with, bound to the event type. */
export interface On<E, Root = E, N = never> extends Measures<E, Root, N> {
  /** Narrows to the events that match: `on.where({ type: 'click' }).sum('price')`. */
  where<const M extends MatchOf<E>>(
    match: M & { [K in Exclude<keyof M, CommonField<E, Scalar>>]: never },
  ): Measures<Extract<E, M> extends never ? E : Extract<E, M>, Root, null>;
  /** A named aggregate: one row per window and key. */
  view<
    const K extends CommonField<E, Scalar>,
    M extends Record<string, Measure<E, unknown>>,
    // biome-ignore lint/complexity/noBannedTypes: no derived measures at all is exactly {}.
    D extends Record<string, Derived<Results<M>, unknown>> = {},
    N extends number = never,
    W extends Window = Window,
  >(view: {
    /** Fields that make a row's key, in order. */
    readonly key: readonly K[];
    /**
     * How many distinct keys the events of one journal entry may have. Those of further keys count in the overflow row
     * of their window, which has no key: nothing is lost, and totals are exact. Default: any number.
     */
    readonly keysMax?: N;
    readonly window: W;
    /**
     * How long after the end of a window, in event time, its events still count; of a hopping window: of their pane;
     * of a session: after their own time. Default 0s.
     */
    readonly lateness?: Duration;
    /** How long after its end a window is kept; at least the longest window + lateness. Default: for ever. */
    readonly retain?: Duration;
    /** Of tumbling windows, the same rows in coarser ones: `[{ size: '1h', retain: '90d' }, { size: '1d' }]`. */
    readonly rollups?: W extends Tumbling ? readonly Rollup[] : never;
    /**
     * Sends each row to a sink once it is final, at least once and always the same; `early`: and at this interval
     * those that have changed and are not. Which queue, stream or webhook a sink is, the host's settings say.
     */
    readonly publish?: { readonly to: string; readonly early?: Duration };
    readonly measures: M;
    /** Computed at read time from this row's measures; they cost no state. */
    readonly derive?: (row: DeriveOf<M>) => D;
  }): View<
    Pick<E, K & keyof E>,
    Prettify<Results<M> & Results<D>>,
    [N] extends [never] ? false : true
  >;
}

/** What `derive` builds with. */
export interface DeriveOf<M> {
  /** `null` while the denominator is 0. */
  ratio(over: NumericResult<M>, under: NumericResult<M>): Derived<Results<M>, number | null>;
  /** The measure over the seconds of the window. */
  perSecond(of: NumericResult<M>): Derived<Results<M>, number>;
}

/** A view of keys Key and values Values; whether their number is Limited. */
export interface View<Key, Values, Limited = boolean> {
  readonly $key?: Key;
  readonly $limited?: Limited;
  readonly $values?: Values;
  readonly window: Window;
}

/** A checked definition. `plan` is what runs; the rest is for the types of queries. */
export interface Pipeline<
  Name extends string = string,
  In = unknown,
  Event = unknown,
  Views = object,
> {
  readonly name: Name;
  readonly views: Views;
  readonly plan: Plan;
  readonly $in?: In;
  readonly $event?: Event;
}

/** A pipeline as a person writes it. */
export interface Definition<Name extends string, S extends TSchema, Out, Views, Refs = object> {
  /** 1 to 63 of `a-z`, `0-9` and `-`, starting with a letter. */
  readonly name: Name;
  /** The schema of an event, a JSON object. */
  readonly schema: S;
  /** Two events with the same id are one. A field, or a function of the event. */
  readonly id: CommonField<Static<S>, string | number> | ((event: Static<S>) => string);
  /** RFC 3339 text or epoch milliseconds. */
  readonly time: CommonField<Static<S>, string | number> | ((event: Static<S>) => number);
  /**
   * Events of equal keys meet in one partition, in order. A duplicate carries the same key as its original.
   * `spread('shop', 8)` spreads the events of each key over eight sub-keys by their ids; no answer changes.
   */
  readonly partitionKey:
    | CommonField<Static<S>, Scalar>
    | ((event: Static<S>) => string)
    | Spread<CommonField<Static<S>, Scalar>>;
  /**
   * `outOfOrder`: how far behind the latest event one may be and not be late. Default 0s. `futureSkew`: how far ahead
   * of arrival a time may be. Default 1h. `idleAfter`: a partition in which nothing moved for so long does not hold
   * the others back; what comes to it later may be late. Default 1m. `idle`: what is done when all are idle: `clock`
   * lets time go on, `hold` waits for events. By default the host decides: history holds, a live stream goes on.
   */
  readonly watermark?: {
    readonly outOfOrder: Duration;
    readonly futureSkew?: Duration;
    readonly idleAfter?: Duration;
    readonly idle?: Idle;
  };
  /** How long ids are remembered, in event time. By default as long as the longest pane + lateness, if that is at most 1h; else it must be stated. */
  readonly dedupe?: { readonly within: Duration } | 'off';
  /** Tables that the transform looks things up in: `{ airports: reference({ key: 'iata', schema }) }`. */
  readonly references?: Refs;
  /** One event to one, none (null) or several. It can't change id, time or partition key. */
  readonly transform?: (event: Static<S>, references: Tables<Refs>) => Out | readonly Out[] | null;
  readonly views: (on: On<Out>) => Views;
}

/**
 * Checks a definition and makes it ready to run.
 *
 * @throws MillraceError `definition` with all problems that the types can't catch, at once.
 */
export function definePipeline<
  const Name extends string,
  S extends TSchema,
  Out extends object = Static<S> & object,
  // biome-ignore lint/complexity/noBannedTypes: the empty record of views is refused at start.
  Views extends Record<string, View<unknown, unknown>> = {},
  Refs extends Record<string, Reference> = Record<never, Reference>,
>(
  definition: Definition<Name, S, Out, Views, Refs>,
): Pipeline<Name, Static<S>, NoInfer<Out>, Views> {
  const { views, plan } = compile(definition as never);
  return { name: definition.name, views: views as Views, plan };
}

/** The key of a row: where their number is limited, a row may be that of all the keys that had no room. */
type KeyOf<K, Limited> = true extends Limited
  ?
      | { readonly key: Prettify<K>; readonly overflow: false }
      | { readonly key: { readonly [P in keyof K]: null }; readonly overflow: true }
  : { readonly key: Prettify<K> };

/** One row of an answer. Times are RFC 3339 UTC with milliseconds, `start` inclusive, `end` exclusive. */
export type Row<P extends { readonly views: object }, V extends keyof P['views'] & string> =
  P['views'][V] extends View<infer K, infer R, infer L>
    ? Prettify<
        {
          readonly view: V;
          readonly start: string;
          readonly end: string;
          readonly final: boolean;
          readonly state: RowState;
        } & KeyOf<K, L> & { readonly measures: R }
      >
    : never;

export type { Match };
