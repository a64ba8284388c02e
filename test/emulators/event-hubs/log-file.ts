import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Kept, Partition } from './hub.ts';
import type { StoredEvent } from './partition-log.ts';
import type { ProducerState } from './producers.ts';

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS hubs (name TEXT PRIMARY KEY, partitions INT) STRICT;
  CREATE TABLE IF NOT EXISTS ends (
    partition TEXT PRIMARY KEY, sequence INT, byte_offset INT, last_offset TEXT, enqueued INT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    partition TEXT, sequence INT, byte_offset INT, enqueued INT, header_bytes INT, bytes BLOB,
    PRIMARY KEY (partition, sequence)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS producers (
    partition TEXT, id INT, epoch INT, sequence INT, PRIMARY KEY (partition, id)
  ) STRICT, WITHOUT ROWID;`;

type Row = Readonly<Record<string, unknown>>;

/** The events of all hubs in an SQLite file, so that an emulator goes on where the one before it ended. */
export class LogFile {
  private readonly database: DatabaseSync;
  private readonly insert: StatementSync;
  private readonly writeEnd: StatementSync;
  private readonly remove: StatementSync;
  private readonly writeProducer: StatementSync;

  constructor(path: string) {
    this.database = new DatabaseSync(path, { readBigInts: true });
    this.database.exec(schema);
    const prepare = (sql: string) => this.database.prepare(sql);
    this.insert = prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)');
    this.writeEnd = prepare('REPLACE INTO ends VALUES (?, ?, ?, ?, ?)');
    this.remove = prepare('DELETE FROM events WHERE partition = ? AND sequence < ?');
    this.writeProducer = prepare('REPLACE INTO producers VALUES (?, ?, ?, ?)');
  }

  /** Notes a hub; one that is there already must have as many partitions. */
  addHub(name: string, partitions: number): void {
    const row = this.database
      .prepare('SELECT partitions FROM hubs WHERE name = ?')
      .get(name.toLowerCase());
    if (row === undefined) {
      const insert = this.database.prepare('INSERT INTO hubs VALUES (?, ?)');
      insert.run(name.toLowerCase(), partitions);
    } else if (Number(row['partitions']) !== partitions) {
      const text = `The file has a hub ${name} of ${row['partitions']} partitions, not ${partitions}.`;
      throw new Error(text);
    }
  }

  /** Forgets a hub and all that was in it. */
  removeHub(name: string): void {
    const partitions = `${name.toLowerCase()}/`;
    for (const table of ['ends', 'events', 'producers']) {
      const remove = this.database.prepare(
        `DELETE FROM ${table} WHERE substr(partition, 1, ?) = ?`,
      );
      remove.run(partitions.length, partitions);
    }
    this.database.prepare('DELETE FROM hubs WHERE name = ?').run(name.toLowerCase());
  }

  /** What a partition held, or null if it is new. */
  kept(hub: string, partition: string): Kept | null {
    const name = nameOf(hub, partition);
    const all = (sql: string) => this.database.prepare(sql).all(name) as unknown as Row[];
    const [end] = all('SELECT * FROM ends WHERE partition = ?');
    if (end === undefined) return null;
    return {
      end: {
        sequence: end['sequence'] as bigint,
        offset: end['byte_offset'] as bigint,
        lastOffset: end['last_offset'] as string,
        enqueued: Number(end['enqueued']),
      },
      events: all('SELECT * FROM events WHERE partition = ? ORDER BY sequence').map(eventOf),
      producers: all('SELECT * FROM producers WHERE partition = ?') as unknown as ProducerState[],
    };
  }

  /** Writes what was just appended, and removes what the partition no longer keeps. */
  store(
    hub: string,
    { id, log }: Partition,
    events: readonly StoredEvent[],
    producer: ProducerState | null,
  ): void {
    const name = nameOf(hub, id);
    const { sequence, offset, lastOffset, enqueued } = log.next;
    this.database.exec('BEGIN');
    for (const event of events) {
      const { headerBytes, bytes } = event;
      this.insert.run(name, event.sequence, event.offset, event.enqueued, headerBytes, bytes);
    }
    this.writeEnd.run(name, sequence, offset, lastOffset, enqueued);
    this.remove.run(name, log.first);
    if (producer !== null) {
      this.writeProducer.run(name, producer.id, producer.epoch, producer.sequence);
    }
    this.database.exec('COMMIT');
  }

  close(): void {
    this.database.close();
  }
}

function nameOf(hub: string, partition: string): string {
  return `${hub.toLowerCase()}/${partition}`;
}

function eventOf(row: Row): StoredEvent {
  return {
    sequence: row['sequence'] as bigint,
    offset: row['byte_offset'] as bigint,
    enqueued: Number(row['enqueued']),
    headerBytes: Number(row['header_bytes']),
    bytes: Buffer.from(row['bytes'] as Uint8Array),
  };
}
