import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Advance } from './child-clock.ts';

/** The account that every Azurite has, and its published key. */
const account = 'devstoreaccount1';
const accountKey =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A running Azurite. */
export interface Azurite {
  /** For `fromConnectionString` of the Blob and Queue clients, and for AzureWebJobsStorage. */
  readonly connection: string;
  /** Lets time pass for it, and for nobody else. */
  readonly advance: (ms: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The ports at which `UseDevelopmentStorage=true` looks for it. */
export const developmentPorts: AzuritePorts = { blob: 10_000, queue: 10_001, table: 10_002 };

/** A port for each service; 0 for any that is free. */
export interface AzuritePorts {
  readonly blob: number;
  readonly queue: number;
  readonly table: number;
}

/**
 * Starts Azurite in a process of its own, in memory, on free ports of 127.0.0.1 unless some are
 * given. It ends when this process does, and doesn't keep it from ending.
 */
export async function startAzurite(
  ports: AzuritePorts = { blob: 0, queue: 0, table: 0 },
): Promise<Azurite> {
  const child = spawnAzurite(ports);
  const urls = await listening(child);
  child.unref();
  child.channel?.unref();
  (child.stdout as Socket).resume().unref();
  const endpoints = ['Blob', 'Queue', 'Table'].map(
    (service) => `${service}Endpoint=${urls.get(service)}/${account}`,
  );
  const access = [`AccountName=${account}`, `AccountKey=${accountKey}`];
  return {
    connection: ['DefaultEndpointsProtocol=http', ...access, ...endpoints].join(';'),
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

function spawnAzurite(ports: AzuritePorts): ChildProcess {
  const main = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const clock = new URL('child-clock.ts', import.meta.url).href;
  const addresses = Object.entries(ports).flatMap(([service, port]) => {
    return [`--${service}Host`, '127.0.0.1', `--${service}Port`, String(port)];
  });
  // Its clients may be newer than it is.
  const quiet = [
    '--skipApiVersionCheck',
    '--disableTelemetry',
    '--inMemoryPersistence',
    '--silent',
  ];
  return spawn(process.execPath, ['--import', clock, main, ...addresses, ...quiet], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    // Ctrl-C in a terminal reaches a whole group of processes; this one ends when its parent says so.
    detached: true,
  });
}

/** The URLs of the services by name, once all are there. */
async function listening(child: ChildProcess): Promise<Map<string, string>> {
  const urls = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /Azurite (\w+) service is successfully listening at (\S+)/.exec(line);
    if (found !== null) urls.set(found[1]!, found[2]!);
    if (urls.size === 3) return urls;
  }
  throw new Error(`Azurite ended before it listened, with code ${child.exitCode}.`);
}
