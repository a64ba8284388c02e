import type { Duration } from '../duration.ts';
import type { Orderable } from '../pipeline-types.ts';

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
  /**
   * Of tumbling windows: the rows of coarser ones, whose length is a multiple of the view's (`'1h'`), or one row per
   * key of the whole range (`'all'`). They are put together from the coarsest rollup that gives them exactly.
   */
  readonly grain?: Duration | 'all';
  /** Key parts that must be equal. */
  readonly key?: R extends { readonly overflow: true }
    ? never
    : R extends { readonly key: infer K }
      ? Partial<K>
      : never;
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
