import { describe, expect, it } from 'vitest';
import { medianEffects, rare, type Sum, table } from './figures.ts';
import { runSeeds } from './pool.ts';
import { runSeed } from './schedule.ts';

const schedules = 4_000;
const minutes = 60_000;

/** What a person needs to see a failure again. */
function told({ failures }: Sum): string {
  return failures.map(({ seed, what }) => `npm run simulate -- --seed ${seed}: ${what}`).join('\n');
}

describe('the simulation', () => {
  it(
    `finds nothing wrong in ${schedules} schedules, each fault and race in 1 % of them or more`,
    async () => {
      const sum = await runSeeds({ from: 1, count: schedules });
      expect(told(sum)).toBe('');
      expect(sum.schedules).toBe(schedules);
      expect(rare(sum), table(sum)).toEqual([]);
      expect(medianEffects(sum)).toBeGreaterThanOrEqual(60);
    },
    10 * minutes,
  );

  it('takes the same way for the same seeds, whatever the number of workers', async () => {
    const range = { from: 70_001, count: 100 };
    const alone = await runSeeds({ ...range, workers: 1 });
    const together = await runSeeds({ ...range, workers: 2 });
    expect(alone.hash).not.toBe(0);
    expect(together.hash).toBe(alone.hash);
    expect(together.effects).toEqual(alone.effects);
    expect(together.figures).toEqual(alone.figures);
  });

  it('takes another way for another seed, and the same one again for the same', async () => {
    const hashes = new Set<number>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const first = await runSeed(seed, true);
      hashes.add(first.hash);
      expect((await runSeed(seed, true)).trace).toEqual(first.trace);
    }
    expect(hashes.size).toBe(20);
  });
});
