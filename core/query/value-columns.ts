import type { Column, Members } from '../measure/measure.ts';
import { pathsOf } from '../plan.ts';
import type { Rows } from '../view/rows.ts';
import { derive } from './derive.ts';

/** One value of each row: a measure, a number of one that has several (`delay.p95`), or a derived value. */
export interface ValueColumn {
  readonly name: string;
  /** Whether the value is a list, as the most frequent values are. */
  readonly isList: boolean;
  /** The value of a row as JSON, with all its digits. */
  json(row: number): string;
}

/** The values of rows side by side, in the order of the definition. */
export function valueColumns(rows: Rows): ValueColumn[] {
  const { measures, derived } = rows.view;
  const measured = measures.flatMap((plan, i): ValueColumn[] => {
    const column = rows.columns[i] as Column;
    const { name, members } = plan;
    if (members === null || members.length === 0) {
      return [{ name, isList: members !== null, json: (row) => column.json(row) }];
    }
    return pathsOf(plan).map((path, m) => ({
      ...{ name: path, isList: false },
      json: (row) => {
        const result = column.result(row) as Members | null;
        return JSON.stringify(result?.[members[m] as string] ?? null);
      },
    }));
  });
  const computed = derived.map((plan): ValueColumn => {
    const json = (row: number) => JSON.stringify(derive(rows, plan, row));
    return { name: plan.name, isList: false, json };
  });
  return [...measured, ...computed];
}
