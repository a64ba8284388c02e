import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bugs } from './bugs.ts';
import { type Patch, patched } from './patch.ts';
import { runSeeds } from './pool.ts';

const minutes = 60_000;

function sourceOf({ file }: Patch): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}

describe('the bug zoo', () => {
  it('has at least 14 bugs, each of its own name', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(14);
    expect(new Set(bugs.map(({ id }) => id)).size).toBe(bugs.length);
  });

  it.each(bugs)('$id still fits the code', ({ patches }) => {
    for (const patch of patches) expect(patched(sourceOf(patch), patch)).not.toBe(sourceOf(patch));
  });

  it('refuses a patch that does not fit exactly once', () => {
    const patch = { file: 'a.ts', find: 'a', replace: 'b' };
    expect(patched('ca', patch)).toBe('cb');
    expect(() => patched('aa', patch)).toThrow('a.ts holds 2 times, not once: a');
    expect(() => patched('c', patch)).toThrow('a.ts holds 0 times, not once: a');
  });

  it.each(bugs)(
    '$id is caught within $seedsMax seeds: $what',
    async ({ id, seedsMax, from = 1 }) => {
      const { failures, schedules } = await runSeeds({
        ...{ from, count: seedsMax, bug: id, workers: 1 },
      });
      expect(failures, `not caught in ${schedules} schedules`).not.toEqual([]);
    },
    5 * minutes,
  );
});
