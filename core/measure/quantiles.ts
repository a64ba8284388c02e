import { type Buckets, CountedColumn } from './counted-column.ts';
import { logBucketOf, logBuckets, logBucketValue } from './log-buckets.ts';
import type { Measure, MeasureOptions } from './measure.ts';

/** Quantiles are asked for in millionths. */
const millionths = 1_000_000;

/** The name of a quantile among the members: `p50`, `p99.9`. */
export function quantileName(share: number): string {
  return `p${Math.round(share * millionths) / 10_000}`;
}

function bucketsOf({ at = [] }: MeasureOptions): Buckets {
  const asked = at.map((share) => ({
    name: quantileName(share),
    share: Math.round(share * millionths),
  }));
  return {
    buckets: logBuckets,
    bucketOf: logBucketOf,
    result({ keys, counts, from, to }) {
      let count = 0;
      for (let i = from; i < to; i += 1) count += counts[i] as number;
      if (count === 0) return null;
      const result: Record<string, number> = {};
      for (const { name, share } of asked) {
        // A share in millionths times a count is exact, so the rank is that of exact arithmetic.
        const rank = Math.floor((share * (count - 1)) / millionths);
        let below = 0;
        let i = from;
        for (; i < to - 1; i += 1) {
          below += counts[i] as number;
          if (below > rank) break;
        }
        result[name] = logBucketValue(keys[i] as number);
      }
      return result;
    },
  };
}

/**
 * Quantiles of a field to a relative error of 1 %; null for nothing. The quantile q of n values is the one at place
 * floor(q (n - 1)), from 0, of the values in order.
 *
 * DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees",
 * PVLDB 12(12), 2019) without its collapsing of buckets, which would make the answer depend on the order of merges:
 * the values that the fold lets through fall into 5,811 buckets at most, so there is nothing to collapse.
 */
export const quantiles: Measure = {
  ...{ takes: 'number', eventBytesMax: 20 },
  members: ({ at = [] }) => at.map(quantileName),
  create: (options) => new CountedColumn(bucketsOf(options)),
  decode: (from, rows, options) => CountedColumn.decode(from, rows, bucketsOf(options)),
};
