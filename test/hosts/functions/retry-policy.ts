import type { RetryOptions } from './rpc.ts';

/**
 * How long the host waits before it runs a failed function again, milliseconds; null for not at all. `failures`
 * counts from 1. The exponential one is .NET's: the minimum, then ever wider random steps up to the maximum.
 */
export function retryDelayMs(
  policy: RetryOptions | undefined,
  failures: number,
  random: () => number,
): number | null {
  if (policy === undefined) return null;
  if (policy.maxRetryCount !== -1 && failures > policy.maxRetryCount) return null;
  if (policy.retryStrategy === 'fixedDelay') return (policy.delayInterval?.seconds ?? 0) * 1000;
  const firstMs = (policy.minimumInterval?.seconds ?? 0) * 1000;
  const lastMs = (policy.maximumInterval?.seconds ?? 0) * 1000;
  const step = firstMs * (0.8 + 0.4 * random());
  return Math.min(lastMs, firstMs + (2 ** (failures - 1) - 1) * step);
}
