import { first, last } from './by-time.ts';
import { count } from './count.ts';
import { distinct } from './distinct.ts';
import { max, min } from './extreme.ts';
import { histogram } from './histogram.ts';
import { mean } from './mean.ts';
import type { Measure } from './measure.ts';
import { quantiles } from './quantiles.ts';
import { sum } from './sum.ts';
import { topK } from './top-k.ts';
import { stddev, variance } from './variance.ts';

/** The name of a kind of measure, as definitions and stored rows use it. */
export type MeasureKind =
  | ('count' | 'sum' | 'mean' | 'min' | 'max' | 'variance' | 'stddev')
  | ('quantiles' | 'distinct' | 'topK' | 'first' | 'last' | 'histogram');

/** Every kind of measure. */
export const measures: Readonly<Record<MeasureKind, Measure>> = {
  ...{ count, sum, mean, min, max, variance, stddev },
  ...{ quantiles, distinct, topK, first, last, histogram },
};
