import type { Column, Members, Result } from '../measure/measure.ts';
import type { DerivedPlan } from '../plan.ts';
import type { Rows } from '../view/rows.ts';

/** A derived value of a row: null where a measure is, or the denominator is 0. */
export function derive(rows: Rows, plan: DerivedPlan, row: number): number | null {
  const [first, second] = plan.of.map((path) => {
    const value = valueAt(rows, path, row);
    return typeof value === 'number' ? value : null;
  });
  if (first === undefined || first === null) return null;
  if (plan.kind === 'per-second') return first / rows.seconds(row);
  return second === undefined || second === null || second === 0 ? null : first / second;
}

/** The result of a measure, `delay`, or a number that it consists of, `delay.p95`. */
export function valueAt(rows: Rows, path: string, row: number): Result {
  const dot = path.indexOf('.');
  const name = dot < 0 ? path : path.slice(0, dot);
  const index = rows.view.measures.findIndex((measure) => measure.name === name);
  const result = (rows.columns[index] as Column).result(row);
  if (dot < 0 || result === null) return result;
  return (result as Members)[path.slice(dot + 1)] ?? null;
}
