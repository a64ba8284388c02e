/** The names of E's fields whose value (of any union member that has it) is a V. Optional fields count: absent is skipped. */
export type FieldOf<E, V> = E extends unknown
  ? {
      [K in keyof E & string]-?: [Exclude<E[K], undefined | null>] extends [V] ? K : never;
    }[keyof E & string]
  : never;

/** Fields that every member of the union E has, so that each event has the key part. */
export type CommonField<E, V> = {
  [K in keyof E & string]-?: [E[K]] extends [V] ? K : never;
}[keyof E & string];

/** The values that field K has in any member of E. */
export type ValueOf<E, K extends string> = E extends { [P in K]?: infer V }
  ? Exclude<V, undefined | null>
  : never;

/** `null` when an event of E may lack field K, so that a row may have nothing to measure; else `never`. */
export type Lacking<E, K extends string> = E extends { [P in K]: infer V }
  ? Extract<V, undefined | null> extends never
    ? never
    : null
  : null;

/** A value that may be part of a key. */
export type Scalar = string | number | boolean;

/** Shows an intersection as one object type. */
export type Prettify<T> = { [K in keyof T]: T[K] } & {};

/** Fields that must equal these values. */
export type Match = Readonly<Record<string, Scalar>>;

/** The matches that make sense for events E. */
export type MatchOf<E> = {
  readonly [K in CommonField<E, Scalar>]?: E extends unknown ? E[K & keyof E] : never;
};

/** A measure of E whose result is R. `in` keeps E contravariant: a measure of fewer fields fits an event with more. */
export interface Measure<in E, out R> {
  readonly kind: string;
  readonly field?: string;
  readonly scale?: number;
  readonly where?: Match;
  readonly $event?: (event: E) => void;
  readonly $result?: R;
}

/** A value computed from measures M when a row is read. */
export interface Derived<in M, out R> {
  readonly kind: string;
  readonly of: readonly string[];
  readonly $in?: (measures: M) => void;
  readonly $result?: R;
}

/** The results of a record of measures. */
export type Results<M> = {
  [P in keyof M]: M[P] extends { readonly $result?: infer R } ? Exclude<R, undefined> : never;
};

/** The results of a record of measures whose members are numbers. */
type Members = Readonly<Record<string, number>>;

/** The names of the numbers in M: `clicks`, or `delay.p95` of a measure that has several. */
export type NumericResult<M> = {
  [P in keyof M & string]: M[P] extends Measure<never, infer R>
    ? [R] extends [number | null]
      ? P
      : [Exclude<R, null>] extends [Members]
        ? `${P}.${keyof Exclude<R, null> & string}`
        : never
    : never;
}[keyof M & string];

/** What rows with these results can be ordered by: a value, or a number of a result that has several. */
export type Orderable<R> = {
  [P in keyof R & string]: unknown extends R[P]
    ? P
    : [Exclude<R[P], null>] extends [Scalar]
      ? P
      : [Exclude<R[P], null>] extends [Members]
        ? `${P}.${keyof Exclude<R[P], null> & string}`
        : never;
}[keyof R & string];

/** What follows the point of a share, as a percentage: '5' is '50', '05' is '5', '999' is '99.9'. */
type PercentOf<D extends string> = D extends `${infer A}${infer B}${infer Rest}`
  ? `${A extends '0' ? '' : A}${B}${Rest extends '' ? '' : `.${Rest}`}`
  : `${D}0`;

/** The name of a quantile among the results: 0.5 is `p50`, 0.999 is `p99.9`. */
export type QuantileName<Q extends number> = Q extends 0
  ? 'p0'
  : Q extends 1
    ? 'p100'
    : `${Q}` extends `0.${infer D}`
      ? `p${PercentOf<D>}`
      : string;

/** The results of quantiles by name. */
export type Quantiles<Q extends readonly number[]> = {
  readonly [P in QuantileName<Q[number]>]: number;
};

/** The counts of a histogram by bucket: `below` the first edge, then `from` each edge up to the next. */
export type Histogram<E extends readonly number[]> = {
  readonly [P in 'below' | `from${E[number]}`]: number;
};

/** One of the most frequent values: it came `count` times at most, and `count - error` times at least. */
export interface Top<V> {
  readonly value: V;
  readonly count: number;
  readonly error: number;
}
