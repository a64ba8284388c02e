/** Waits `ms` milliseconds, or until the signal aborts. Tests put their own time in its place. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** The real time, in which the host polls, retries and balances. */
export const realWait: Wait = async (ms, signal) => {
  if (signal.aborted) return;
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ms);
  await aborted(AbortSignal.any([over.signal, signal]));
  clearTimeout(timer);
};

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
