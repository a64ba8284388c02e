import { DatabaseSync } from 'node:sqlite';
import { MillraceError } from '../../core/errors.ts';
import { isBusy, sqlite } from './errors.ts';

/** The version of the tables below, kept in the file. */
const schemaVersion = 2;

/**
 * Rows with large bodies are kept in rowid tables: SQLite advises against WITHOUT ROWID for them.
 * The id of a record holds its partition and its position, so that a read is one walk along the
 * table itself.
 */
const schema = `
  CREATE TABLE items (
    id INTEGER PRIMARY KEY, partition TEXT NOT NULL, sort TEXT NOT NULL, version INTEGER NOT NULL,
    expires_at INTEGER, body BLOB NOT NULL, UNIQUE (partition, sort)
  ) STRICT;
  CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, visible_at INTEGER NOT NULL,
    deliveries INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX messages_by_visibility ON messages (queue, visible_at);
  CREATE TABLE log_partitions (
    partition INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, next INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE log_records (
    id INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, arrival INTEGER NOT NULL, body BLOB NOT NULL
  ) STRICT;
  PRAGMA user_version = ${schemaVersion};
`;

/** How {@link openLocalDatabase} opens a file. */
export interface LocalDatabaseOptions {
  /**
   * How long a call waits for the lock of another process before it fails with `throttled`,
   * milliseconds, default 2,000. The wait blocks the event loop, as every call of node:sqlite does.
   */
  readonly busyTimeoutMs?: number;
  /**
   * What an acknowledged write survives. `process` (default): the end of the process however
   * sudden, kill -9 included, since the write is in the operating system's hands
   * (synchronous=NORMAL). After a power cut the last writes may be gone, but only as a whole
   * suffix: log, journal and messages are one file with one order of commits, so all of them go
   * back to one earlier moment and no journal entry outlives its records. `power`: power cuts too;
   * every write waits for the disk (synchronous=FULL).
   */
  readonly durability?: 'process' | 'power';
}

/**
 * Opens (or makes) the one database file of an embedded Millrace, in WAL mode: readers never wait,
 * and two processes may share it. The caller closes it.
 *
 * @throws MillraceError `unavailable`, `throttled`; `definition` for a file of a newer Millrace.
 */
export function openLocalDatabase(file: string, options: LocalDatabaseOptions = {}): DatabaseSync {
  const { busyTimeoutMs = 2_000, durability = 'process' } = options;
  return sqlite(`open the database ${file}`, () => {
    const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    try {
      enterWal(database, busyTimeoutMs);
      database.exec(`PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`);
      createTables(database, file);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * The switch to WAL, which only a new file needs, is the one step in which SQLite does not wait for
 * a lock that another process holds; so processes that make a file at the same time wait here.
 */
function enterWal(database: DatabaseSync, busyTimeoutMs: number): void {
  const until = performance.now() + busyTimeoutMs;
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
      Atomics.wait(nobodyWakes, 0, 0, 1);
    }
  }
}

function createTables(database: DatabaseSync, file: string): void {
  if (versionOf(database) === schemaVersion) return;
  inTransaction(database, () => {
    // Another process may have been faster.
    const version = versionOf(database);
    if (version === 0) database.exec(schema);
    else if (version !== schemaVersion) throw unknownVersion(file, version);
  });
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

function unknownVersion(file: string, version: number): MillraceError {
  const problem =
    `The database ${file} has tables of version ${version}, this Millrace knows version ` +
    `${schemaVersion}. Use the Millrace that made it, or another data folder.`;
  return new MillraceError('definition', problem, { problems: [problem] });
}

/** Does the work in one write transaction: all of it counts, or, if it throws, nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  // IMMEDIATE takes the write lock at once: a transaction that reads first may fail to get it
  // later.
  database.exec('BEGIN IMMEDIATE');
  try {
    const answer = work();
    database.exec('COMMIT');
    return answer;
  } finally {
    if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
  }
}
