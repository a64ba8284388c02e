import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Advance } from './child-clock.ts';
import type { Listening } from './fauxqs-server.ts';

/** A running emulator of S3 and SQS. It takes any credentials. */
export interface Fauxqs {
  /** Of both services; S3 wants `forcePathStyle`. */
  readonly endpoint: string;
  /** Lets time pass for it, and for nobody else. */
  readonly advance: (ms: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts fauxqs, an emulator of S3 and SQS, in a process of its own, in memory, on a port of
 * 127.0.0.1, a free one by default. It ends when this process does, and doesn't keep it from ending.
 *
 * It lists in the order of S3 here (`fauxqs-server.ts`). Puts are never conditional, objects have at
 * most 11 MB, messages no character beyond U+FFFF.
 */
export async function startFauxqs(port = 0): Promise<Fauxqs> {
  const child = spawnFauxqs(port);
  const endpoint = await listening(child);
  child.unref();
  child.channel?.unref();
  return {
    endpoint,
    advance: async (advanceMs) => {
      const done = once(child, 'message');
      child.send({ advanceMs } satisfies Advance);
      await done;
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.ref();
      child.disconnect();
      await exited;
    },
  };
}

function spawnFauxqs(port: number): ChildProcess {
  const main = fileURLToPath(new URL('fauxqs-server.ts', import.meta.url));
  const clock = new URL('child-clock.ts', import.meta.url).href;
  return spawn(process.execPath, ['--import', clock, main, String(port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Ctrl-C in a terminal reaches a whole group of processes; this one ends when its parent says so.
    detached: true,
  });
}

async function listening(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(() => null);
  const told = once(child, 'message').then(([message]) => (message as Listening).endpoint);
  const endpoint = await Promise.race([told, ended]);
  if (endpoint !== null) return endpoint;
  throw new Error(`fauxqs ended before it listened, with code ${child.exitCode}.`);
}
