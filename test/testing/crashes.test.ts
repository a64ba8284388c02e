import { expect, it } from 'vitest';
import { entrySort } from '../../core/journal/keys.ts';
import { CrashingStateStore } from '../../testing/crashes.ts';

const body = new Uint8Array([1]);
const genesis = { partition: 'p', sort: entrySort(0) };
const entry = { partition: 'p', sort: entrySort(1) };

it.each(['before-commit', 'after-commit'] as const)(
  'a crash %s strikes the next commit, once, and whoever made it never hears of it',
  async (crash) => {
    const store = new CrashingStateStore();
    const steps: string[] = [];
    const work = async (name: string): Promise<void> => {
      await store.create(genesis, body);
      steps.push(`${name} begun`);
      await store.create(entry, body);
      steps.push(`${name} committed`);
    };
    store.armed = crash;
    expect(await store.survives(() => work('first'))).toBe(false);
    expect((await store.read(entry)) !== null).toBe(crash === 'after-commit');
    expect(await store.survives(() => work('second'))).toBe(true);
    expect(steps).toEqual(['first begun', 'second begun', 'second committed']);
  },
);

it('what fails in an instance that lives on is told', async () => {
  const store = new CrashingStateStore();
  await expect(store.survives(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
