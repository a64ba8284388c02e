import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** The real command line in a process of its own. */
export interface Child {
  /** Where it listens; rejects if it ends before it does. */
  readonly url: Promise<string>;
  /** The exit code, or the signal that ended it; with what it wrote to the standard error. */
  readonly ended: Promise<{ readonly code: number | string; readonly stderr: string }>;
  kill(signal: NodeJS.Signals): void;
  /** The next line of progress for which the test holds. */
  until(test: (progress: Progress) => boolean): Promise<Progress>;
}

/** A line of progress of `--json`. */
export interface Progress {
  readonly received: number;
  readonly duplicates: number;
  readonly sent: number;
}

const cli = join(import.meta.dirname, '../../cli/millrace.ts');

/** Starts `millrace` with these arguments and `--json`; it is killed when the running test ends. */
export function millrace(...args: readonly string[]): Child {
  const child = spawn(process.execPath, [cli, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, MILLRACE_TOKEN: undefined },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const ended = endOf(child);
  const waiting = new Set<(line: string) => void>();
  createInterface({ input: child.stdout! }).on('line', (line) => {
    for (const hear of waiting) hear(line);
  });
  const heard = <T>(of: (line: string) => T | null) =>
    new Promise<T>((resolve, reject) => {
      const hear = (line: string) => {
        const found = of(line);
        if (found === null) return;
        waiting.delete(hear);
        resolve(found);
      };
      waiting.add(hear);
      void ended.then(({ code, stderr }) => reject(new Error(`ended with ${code}: ${stderr}`)));
    });
  const url = heard((line) => (line.startsWith('{"url"') ? String(JSON.parse(line).url) : null));
  // Who doesn't ask for it doesn't mind.
  url.catch(() => {});
  return {
    ...{ url, ended },
    kill: (signal) => void child.kill(signal),
    until: (test) =>
      heard((line) => {
        const progress = line.startsWith('{"url"') ? null : (JSON.parse(line) as Progress);
        return progress !== null && test(progress) ? progress : null;
      }),
  };
}

async function endOf(child: ChildProcess) {
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { code: (code ?? signal) as number | string, stderr };
}
