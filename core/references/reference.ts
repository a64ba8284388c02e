import type { Static, TSchema } from 'typebox';
import type { Scalar } from '../event.ts';

/** The fields of T whose values are scalars in every row. */
export type ScalarField<T> = {
  [K in keyof T & string]-?: [T[K]] extends [Scalar] ? K : never;
}[keyof T & string];

/** A reference table as a definition declares it: rows of type Row, found by a Key. */
export interface Reference<out Row = object, out Key extends Scalar = Scalar> {
  /** The field by which rows are found; no two rows have the same. */
  readonly key: string;
  readonly schema: TSchema;
  readonly $row?: Row;
  readonly $key?: Key;
}

/** A table as a transform reads it. Its rows can't be changed. */
export interface ReferenceTable<in Key, out Row> {
  /** The row of a key; undefined where there is none. */
  get(key: Key): Row | undefined;
  readonly size: number;
}

/** The tables that a transform gets, by name. */
export type Tables<R> = {
  readonly [N in keyof R]: R[N] extends Reference<infer Row, infer Key>
    ? ReferenceTable<Key, Readonly<Row>>
    : never;
};

/**
 * Declares a table that the transform may look things up in: `reference({ key: 'iata', schema: Type.Object({ … }) })`.
 * Its rows come from a CSV or NDJSON file, put with `millrace reference put`, and may be replaced at any time.
 */
export function reference<S extends TSchema, const K extends ScalarField<Static<S>>>(options: {
  readonly key: K;
  readonly schema: S;
}): Reference<Static<S>, Extract<Static<S>[K & keyof Static<S>], Scalar>> {
  return options;
}
