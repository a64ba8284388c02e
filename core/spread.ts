import type { Scalar } from './event.ts';
import { bucketOf } from './hash.ts';

/** The most sub-keys of one partition key: more than a stream has partitions to spread it over. */
export const spreadMax = 1_024;

/** A field whose values are partition keys, each spread over several sub-keys. */
export interface Spread<out K extends string> {
  readonly key: K;
  readonly over: number;
}

/**
 * Spreads each partition key over so many sub-keys, 2 to 1024, so that the events of a hot one meet several
 * partitions: `partitionKey: spread('shop', 8)`. The event's id decides which, so a duplicate follows its original.
 */
export function spread<const K extends string>(key: K, over: number): Spread<K> {
  return { key, over };
}

/** The sub-key of an event. One without a proper id, which will be a dead letter, keeps the key itself. */
export function subKey(key: Scalar, id: unknown, over: number): Scalar {
  if (over === 1 || (typeof id !== 'string' && typeof id !== 'number')) return key;
  // An id that is a number and one that is its text are the same to the fold.
  return `${key}#${bucketOf(String(id), over)}`;
}
