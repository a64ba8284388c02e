import { expect, test } from 'vitest';
import { MillraceError } from '../../core/errors.ts';
import { assertTime, retry } from '../../core/retry.ts';
import { LeapingClock } from './small-world.ts';

const throttled = new MillraceError('throttled', 'slow down');

function budgetOf(ms: number, random: () => number = () => 0.999_999) {
  const clock = new LeapingClock(1_000);
  return { clock, random, deadline: clock.time + ms };
}

/** A call that fails so many times, and counts. */
function failing(times: number, error: unknown) {
  const call = async () => {
    call.count += 1;
    if (call.count <= times) throw error;
    return 'done';
  };
  call.count = 0;
  return call;
}

test.each(['throttled', 'unavailable'] as const)('what is %s is tried again', async (code) => {
  const budget = budgetOf(60_000);
  const call = failing(3, new MillraceError(code, 'x'));
  expect(await retry(budget, call)).toBe('done');
  expect(call.count).toBe(4);
  expect(budget.clock.sleeps).toHaveLength(3);
});

test('pauses double from 25 ms to 5 s, each a random part of that', async () => {
  const most = budgetOf(600_000);
  await retry(most, failing(12, throttled));
  const doubled = Array.from({ length: 12 }, (_, i) => Math.min(5_000, 25 * 2 ** i));
  expect(most.clock.sleeps).toEqual(doubled);
  const half = budgetOf(600_000, () => 0.5);
  await retry(half, failing(12, throttled));
  expect(half.clock.sleeps).toEqual(doubled.map((ms) => Math.ceil(ms / 2)));
});

test('a pause is longer by what the service asked for, and ends at the deadline all the same', async () => {
  const budget = budgetOf(60_000);
  await retry(budget, failing(2, new MillraceError('throttled', 'x', { retryAfterMs: 700 })));
  expect(budget.clock.sleeps).toEqual([700 + 25, 700 + 50]);
  const short = budgetOf(1_000);
  const asked = new MillraceError('throttled', 'x', { retryAfterMs: 60_000 });
  await expect(retry(short, failing(9, asked))).rejects.toBe(asked);
  expect(short.clock.sleeps).toEqual([1_000]);
});

test.each(['too-large', 'damaged', 'missing', 'definition', 'request', 'timeout', 'bug'] as const)(
  'what is %s is not tried again',
  async (code) => {
    const call = failing(1, new MillraceError(code, 'x'));
    await expect(retry(budgetOf(60_000), call)).rejects.toMatchObject({ code });
    expect(call.count).toBe(1);
  },
);

test('an error that is not of Millrace is not tried again, whatever it is', async () => {
  for (const error of [new Error('unavailable'), { code: 'throttled' }, 'throttled', null]) {
    const call = failing(1, error);
    await expect(retry(budgetOf(60_000), call)).rejects.toBe(error);
    expect(call.count).toBe(1);
  }
});

test('no attempt starts after the deadline, no pause goes beyond it, and the last error is told', async () => {
  const budget = budgetOf(1_000);
  const starts: number[] = [];
  const call = async () => {
    starts.push(budget.clock.time);
    throw new MillraceError('throttled', `try ${starts.length}`);
  };
  await expect(retry(budget, call)).rejects.toThrow(/^try \d+$/);
  expect(Math.max(...starts)).toBe(budget.deadline);
  expect(budget.clock.time).toBe(budget.deadline);
  expect(starts.length).toBeGreaterThan(3);
});

test('a budget that is used up allows one attempt', async () => {
  const call = failing(9, throttled);
  await expect(retry(budgetOf(0), call)).rejects.toBe(throttled);
  expect(call.count).toBe(1);
});

test('time is up after the deadline, not at it', () => {
  const budget = budgetOf(5);
  budget.clock.time += 5;
  expect(() => assertTime(budget, 'the batch')).not.toThrow();
  budget.clock.time += 1;
  expect(() => assertTime(budget, 'the batch')).toThrow(
    expect.objectContaining({ code: 'timeout', message: expect.stringMatching(/^the batch: /) }),
  );
});
