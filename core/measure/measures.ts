import { count } from './count.ts';
import { max, min } from './extreme.ts';
import { mean } from './mean.ts';
import type { Measure } from './measure.ts';
import { sum } from './sum.ts';

/** The name of a kind of measure, as definitions and stored rows use it. */
export type MeasureKind = 'count' | 'sum' | 'mean' | 'min' | 'max';

/** Every kind of measure. */
export const measures: Readonly<Record<MeasureKind, Measure>> = { count, sum, mean, min, max };
