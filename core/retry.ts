import { isTransient, MillraceError } from './errors.ts';
import type { Clock } from './ports/clock.ts';

/** When to stop trying, and how to wait. */
export interface RetryBudget {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  /** Epoch milliseconds after which no further attempt starts. */
  readonly deadline: number;
}

const delayMsFirst = 25;
const delayMsMax = 5_000;

/**
 * Repeats a call that fails for a passing reason, with full jitter (Brooker, "Exponential backoff and jitter") after
 * the time that the service asked for, until the deadline.
 *
 * @throws the last error, or the first that another try can't cure.
 */
export async function retry<T>(budget: RetryBudget, call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error) || budget.clock.now() >= budget.deadline) throw error;
      await pause(budget, attempt, (error as MillraceError).retryAfterMs);
    }
  }
}

/** Waits before attempt number `attempt` + 1, at least for as long as the service asked for, up to the deadline. */
export async function pause(budget: RetryBudget, attempt: number, retryAfterMs = 0): Promise<void> {
  const most = Math.min(delayMsMax, delayMsFirst * 2 ** Math.min(attempt, 16));
  const left = Math.max(0, budget.deadline - budget.clock.now());
  await budget.clock.sleep(Math.min(left, retryAfterMs + Math.ceil(budget.random() * most)));
}

/** @throws MillraceError `timeout` once the deadline has passed. */
export function assertTime(budget: RetryBudget, what: string): void {
  if (budget.clock.now() > budget.deadline) {
    throw new MillraceError(
      'timeout',
      `${what}: the time budget ran out; what was committed stays`,
    );
  }
}
