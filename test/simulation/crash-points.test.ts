import { describe, expect, it } from 'vitest';
import { crashPoints, told } from './crash-points.ts';
import { crashRun, jobOf, jobsOf } from './crash-run.ts';

const minutes = 60_000;

describe('every crash point', () => {
  it('is a step of a clean run of 80 to 200 effects in which everything happens', async () => {
    const { failure, strikable, figures, trace } = await crashRun([], true);
    expect(failure).toBe(null);
    expect(strikable).toBeGreaterThanOrEqual(80);
    expect(strikable).toBeLessThanOrEqual(200);
    const happened = ['conflict', 'batch of several entries', 'page race', 'late events'];
    for (const name of happened) expect(figures.get(name) ?? 0, name).toBeGreaterThan(0);
    const steps = (trace ?? []).join('\n');
    expect(steps).toMatch(/owner .* create \S+ e\/0*[1-9]\d* -> true/);
    expect(steps).toMatch(/put kept\/\S+\/_dead/);
    expect(steps).toMatch(/owner .* send/);
    expect(steps).toMatch(/owner .* (create|replace) \S+ head -> true/);
    expect(steps).toMatch(/compactor .* replace \S+ p\/byKind\S+ -> true/);
    expect(steps).toMatch(/reader .* range \S+ p\//);
  });

  it('names each fault at each step once, and two pairs of faults at each pair of steps', () => {
    const names = (steps: number, coverage: 'some' | 'all'): Set<string> => {
      const jobs = Array.from({ length: jobsOf(steps, coverage) }, (_, i) =>
        jobOf(i, steps, coverage),
      );
      for (const strikes of jobs) {
        const at = strikes.map((strike) => strike.at);
        expect(at.every((step) => step >= 1 && step <= steps)).toBe(true);
        if (at.length === 2) expect(at[0]).toBeLessThan(at[1] as number);
      }
      return new Set(jobs.map((strikes) => JSON.stringify(strikes)));
    };
    expect(names(9, 'some').size).toBe(9 * 4 + 36 * 2);
    expect(names(9, 'all').size).toBe(9 * 4 + 36 * 16);
  });

  it(
    'leaves everything right after one fault and after two',
    async () => {
      const points = await crashPoints('some');
      const failures = points.sum.failures.map(({ seed, what }) => `job ${seed}: ${what}`);
      expect(failures, told(points)).toEqual([]);
      expect(points.sum.schedules).toBe(points.singles + points.doubles);
    },
    10 * minutes,
  );
});
