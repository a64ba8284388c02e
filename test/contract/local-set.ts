import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openLocalDatabase } from '../../adapters/local/local-database.ts';
import { LocalEventPublisher } from '../../adapters/local/local-event-publisher.ts';
import { LocalLog } from '../../adapters/local/local-log.ts';
import { LocalMessageQueue } from '../../adapters/local/local-message-queue.ts';
import { LocalObjectStore } from '../../adapters/local/local-object-store.ts';
import { LocalStateStore } from '../../adapters/local/local-state-store.ts';
import { LocalStreamReader } from '../../adapters/local/local-stream-reader.ts';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import type { AdapterSet } from './adapter-sets.ts';
import { type Subject, withoutTransport } from './subject.ts';

/**
 * The adapters of the embedded app, over node:sqlite and files, each subject in a folder of its
 * own.
 */
export const localSet: AdapterSet = {
  stateStore: () => inDatabase((database) => new LocalStateStore(database)),
  objectStore: inFolder,
  messageQueue: () => inDatabase((database, clock) => new LocalMessageQueue(database, clock)),
  stream: () =>
    inDatabase((database, clock) => {
      const log = new LocalLog(database, 3);
      return {
        publisher: new LocalEventPublisher(log, clock),
        reader: new LocalStreamReader(log),
      };
    }),
  clock: async () => withoutTransport(new SystemClock()),
  telemetry: async () => withoutTransport(new MemoryTelemetry()),
};

async function inDatabase<Port>(
  make: (database: DatabaseSync, clock: ManualClock) => Port,
): Promise<Subject<Port>> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-'));
  const clock = new ManualClock(1_700_000_000_000);
  const connections: DatabaseSync[] = [];
  const connect = (): DatabaseSync => {
    const database = openLocalDatabase(join(folder, 'millrace.db'), { busyTimeoutMs: 1 });
    connections.push(database);
    return database;
  };
  const own = connect();
  return {
    port: make(own, clock),
    another: () => make(connect(), clock),
    failures: [
      { name: 'a closed database', code: 'unavailable', hits: 'all', inject: () => own.close() },
      {
        name: 'the write lock with another process',
        code: 'throttled',
        hits: 'writes',
        inject: () => connect().exec('BEGIN IMMEDIATE'),
      },
      {
        name: 'lost tables',
        code: 'unavailable',
        hits: 'all',
        inject: () => {
          const other = connect();
          for (const table of ['items', 'messages', 'log_partitions', 'log_records']) {
            other.exec(`DROP TABLE ${table}`);
          }
        },
      },
    ],
    pass: (seconds) => clock.advance(seconds * 1000),
    cleanup: async () => {
      for (const database of connections) if (database.isOpen) database.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function inFolder(): Promise<Subject<LocalObjectStore>> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-'));
  const make = () => new LocalObjectStore(folder, { objectBytesMax: 4_000_000 });
  const port = make();
  const replaceFolderByFile = async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, 'a file');
  };
  return {
    port,
    another: make,
    failures: [
      {
        name: 'a file in place of the folder',
        code: 'unavailable',
        hits: 'all',
        inject: replaceFolderByFile,
      },
    ],
    pass: async () => undefined,
    cleanup: () => rm(folder, { recursive: true, force: true }),
  };
}
