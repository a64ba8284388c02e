const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interrupted = 130;

/** Resolves at the first Ctrl-C, SIGTERM or hang-up. The second one ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of signals) {
      process.on(signal, () => {
        if (asked) process.exit(interrupted);
        asked = true;
        resolve();
      });
    }
  });
}
