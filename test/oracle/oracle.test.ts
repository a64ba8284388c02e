import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flightsPath } from '../../local-app/flights-file.ts';
import { type CheckedRun, checkedRuns } from './checks.ts';
import { openOracle } from './duckdb.ts';
import { checkedWindowRuns } from './window-checks.ts';

const first = 200_000;
const runs: CheckedRun[] = [];
const windowRuns: CheckedRun[] = [];

beforeAll(async () => {
  const oracle = await openOracle(flightsPath(), first);
  for await (const run of checkedRuns(oracle, flightsPath())) runs.push(run);
  for await (const run of checkedWindowRuns(oracle, flightsPath())) windowRuns.push(run);
  oracle.close();
});
afterAll(() => [runs.splice(0), windowRuns.splice(0)]);

describe(`the first ${first} flights in the order of arrival`, () => {
  it('are answered as DuckDB answers, on 1, 4 and 7 partitions', () => {
    for (const { events, late, checks } of runs.slice(0, 3)) {
      expect(events).toBe(first);
      expect(late).toEqual({ byOrigin: 0, byRoute: 0 });
      expect(checks.map(({ differences }) => differences)).toEqual([[], [], []]);
      expect(checks.every(({ compared }) => compared > 10_000)).toBe(true);
    }
    expect(runs).toHaveLength(4);
  });

  it('are late where SQL finds them late, with an hour of lateness', () => {
    const { late, checks } = runs[3] as CheckedRun;
    expect(checks.map(({ differences }) => differences)).toEqual([[], [], [], [], []]);
    expect(late['byOrigin']).toBeGreaterThan(5_000);
    expect(late['byRoute']).toBeGreaterThan(0);
  });

  it('are in the hopping and session windows that SQL finds, on 1 and 4 partitions', () => {
    expect(windowRuns).toHaveLength(3);
    for (const { late, checks } of windowRuns.slice(0, 2)) {
      expect(late).toEqual({ hops: 0, stays: 0 });
      expect(checks.map(({ differences }) => differences)).toEqual([[], [], []]);
      expect(checks.every(({ compared }) => compared > 10_000)).toBe(true);
    }
  });

  it('are not in windows that they are too late for', () => {
    const { late, checks } = windowRuns[2] as CheckedRun;
    expect(checks.map(({ differences }) => differences)).toEqual([[], [], []]);
    expect(late['hops']).toBeGreaterThan(5_000);
    expect(late['stays']).toBeGreaterThan(late['hops'] as number);
  });
});
