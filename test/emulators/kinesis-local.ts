import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Listening } from './kinesis-local-listen.ts';

/** A running kinesis-local. */
export interface KinesisLocal {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts kinesis-local, an emulator of Kinesis, in a process of its own, in memory, on a free port
 * of 127.0.0.1. It ends when this process does, and doesn't keep it from ending.
 *
 * It is complete but slow (about 1,000 records a second), never throttles, never refuses a part of
 * a PutRecords, and speaks HTTP/1 only, where a KinesisClient speaks HTTP/2 unless it gets a
 * NodeHttpHandler.
 */
export async function startKinesisLocal(): Promise<KinesisLocal> {
  const child = spawnKinesisLocal();
  const port = await listening(child);
  child.unref();
  child.channel?.unref();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      const exited = once(child, 'exit');
      child.ref();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function spawnKinesisLocal(): ChildProcess {
  const main = createRequire(import.meta.url).resolve('kinesis-local/main.js');
  const hook = new URL('kinesis-local-listen.ts', import.meta.url).href;
  const changes = ['CREATE_STREAM', 'DELETE_STREAM', 'MERGE_SHARDS', 'SPLIT_SHARD'];
  return spawn(process.execPath, ['--import', hook, main], {
    cwd: tmpdir(),
    env: {
      ...Object.fromEntries(changes.map((change) => [`${change}_DURATION`, '1ms'])),
      KINESIS_MOCK_CERT_PATH: join(dirname(main), 'server.json'),
      KINESIS_MOCK_PLAIN_PORT: '2',
      KINESIS_MOCK_TLS_PORT: '1',
      LOG_LEVEL: 'ERROR',
      SHARD_LIMIT: '100000',
    },
    // It warns there of every pause of its own.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Ctrl-C in a terminal reaches a whole group of processes; this one ends when its parent says so.
    detached: true,
  });
}

async function listening(child: ChildProcess): Promise<number> {
  const ended = once(child, 'exit').then(() => null);
  const told = once(child, 'message').then(([message]) => (message as Listening).port);
  const port = await Promise.race([told, ended]);
  if (port !== null) return port;
  throw new Error(`kinesis-local ended before it listened, with code ${child.exitCode}.`);
}
