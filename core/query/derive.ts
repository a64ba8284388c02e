import type { Column } from '../measure/measure.ts';
import type { DerivedPlan } from '../plan.ts';
import type { Rows } from '../view/rows.ts';

/** A derived value of a row: null where a measure is, or the denominator is 0. */
export function derive(rows: Rows, plan: DerivedPlan, row: number): number | null {
  const [first, second] = plan.of.map((name) => {
    const index = rows.view.measures.findIndex((measure) => measure.name === name);
    const value = (rows.columns[index] as Column).result(row);
    return typeof value === 'number' ? value : null;
  });
  if (first === undefined || first === null) return null;
  if (plan.kind === 'per-second') return first / rows.seconds(row);
  return second === undefined || second === null || second === 0 ? null : first / second;
}
