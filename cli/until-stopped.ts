const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interrupted = 130;
/** One Ctrl-C may come twice, from the terminal and from npm; no person is this fast. */
const echoMs = 300;

/** Resolves at the first Ctrl-C, SIGTERM or hang-up. The second one ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    for (const signal of signals) {
      process.on(signal, () => {
        const now = performance.now();
        if (askedAt !== null && now - askedAt >= echoMs) process.exit(interrupted);
        askedAt ??= now;
        resolve();
      });
    }
  });
}
