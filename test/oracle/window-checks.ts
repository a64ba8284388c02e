import { type Check, type CheckedRun, checked, conservation, rowsOf } from './checks.ts';
import { compareRows } from './compare.ts';
import type { Counted, Oracle } from './duckdb.ts';
import { hastyWindows, patientWindows } from './window-pipelines.ts';
import { hopsSql, sessionsSql } from './window-sql.ts';

/** Runs the flights through hopping and session windows: on 1 and 4 partitions, then with an hour of lateness on 1. */
export async function* checkedWindowRuns(oracle: Oracle, path: string): AsyncGenerator<CheckedRun> {
  for (const partitions of [1, 4]) {
    const name = `hops and sessions, ${partitions} partition${partitions > 1 ? 's' : ''}`;
    yield await checked(name, oracle, path, patientWindows, partitions, (one) => [
      windowCheck(one, 'hops', oracle, {}),
      windowCheck(one, 'stays', oracle, {}),
      conservation(one, oracle),
    ]);
  }
  const name = 'hops and sessions, 1 h of lateness, 1 partition';
  yield await checked(name, oracle, path, hastyWindows, 1, (one) => [
    windowCheck(one, 'hops', oracle, { latenessHours: 1 }),
    windowCheck(one, 'stays', oracle, { latenessHours: 1 }),
    conservation(one, oracle),
  ]);
}

async function windowCheck(
  one: Parameters<typeof rowsOf>[0],
  view: 'hops' | 'stays',
  oracle: Oracle,
  counted: Counted,
): Promise<Check> {
  const sql = view === 'hops' ? hopsSql(counted) : sessionsSql(counted);
  const expected = (await oracle.ask<Readonly<Record<string, unknown>>>(sql)).map((row) => ({
    ...row,
  }));
  const rows = await rowsOf(one, view);
  const keyOf = ({ start, origin }: Readonly<Record<string, unknown>>) => `${start} ${origin}`;
  const differences = compareRows<Readonly<Record<string, unknown>>>(expected, rows, keyOf);
  return { name: `${view}: rows as by SQL`, compared: expected.length, differences };
}
