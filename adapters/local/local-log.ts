import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MillraceError } from '../../core/errors.ts';
import type { Bounds } from '../../core/ports/stream-reader.ts';
import { checkInteger } from '../arguments.ts';
import { sqlite } from './errors.ts';
import { inTransaction } from './local-database.ts';

/** Bits of a record's id that hold its position; those above hold its partition. */
const positionBits = 48n;

/**
 * The id of the record at `position` of a partition; positions beyond the last possible one give
 * the end.
 */
export function recordId(partition: number, position: bigint): bigint {
  const end = 1n << positionBits;
  const clamped = position < 0n ? 0n : position > end ? end : position;
  return (BigInt(partition) << positionBits) + clamped;
}

/** The SQL for a record's position. */
export const positionSql: string = `(id & ${(1n << positionBits) - 1n})`;

/** The position from which on the records of a partition must stay however old they are. */
export type NeededFrom = (partition: string) => bigint;

/**
 * The stream in a database of `openLocalDatabase`: what publishers write to and readers read from.
 * Positions are contiguous in a partition, from 0 on, and go on where they were after a trim and a
 * restart.
 */
export class LocalLog {
  readonly database: DatabaseSync;
  /** The number of partitions: fixed when the log is made. */
  readonly partitions: number;
  private readonly readBounds: StatementSync;

  /**
   * Opens the database's log, and makes it if there is none.
   *
   * @throws MillraceError `definition` if the log has another number of partitions.
   */
  constructor(database: DatabaseSync, partitions: number) {
    checkInteger('The number of partitions', partitions, 1, 10_000);
    this.database = database;
    this.partitions = partitions;
    this.readBounds = sqlite('open the log', () => {
      const existing = countPartitions(database) || makePartitions(database, partitions);
      if (existing !== partitions) throw mismatch(existing, partitions);
      return database.prepare('SELECT earliest, next FROM log_partitions WHERE partition = ?');
    });
  }

  bounds(partition: number): Bounds & { readonly latest: bigint } {
    const row = sqlite('read the bounds', () => this.readBounds.get(partition))!;
    const earliest = BigInt(row['earliest'] as number);
    return { earliest, latest: BigInt(row['next'] as number) - 1n };
  }

  /**
   * Removes, from the oldest on, the records that arrived before `olderThanMs` (epoch) and stand
   * before `neededFrom`; gives their number.
   */
  trim(olderThanMs: number, neededFrom?: NeededFrom): number {
    return sqlite('trim the log', () => {
      let removed = 0;
      for (let partition = 0; partition < this.partitions; partition += 1) {
        // One transaction each, so that publishers of other processes get their turn.
        removed += inTransaction(this.database, () =>
          this.trimOne(partition, olderThanMs, neededFrom),
        );
      }
      return removed;
    });
  }

  private trimOne(partition: number, olderThanMs: number, neededFrom?: NeededFrom): number {
    const from = recordId(partition, 0n);
    const end = recordId(partition + 1, 0n);
    // The clock may have gone back, so the first record that is young enough ends the trim, not the
    // last old one.
    const kept = this.database
      .prepare(
        `SELECT ${positionSql} AS position FROM log_records
         WHERE id >= ? AND id < ? AND arrival >= ? ORDER BY id LIMIT 1`,
      )
      .get(from, end, olderThanMs);
    const young =
      kept === undefined ? this.bounds(partition).latest + 1n : BigInt(kept['position'] as number);
    const needed = neededFrom?.(String(partition)) ?? young;
    const held = this.bounds(partition).earliest;
    const least = needed < young ? needed : young;
    const earliest = least > held ? least : held;
    const removed = this.database
      .prepare('DELETE FROM log_records WHERE id >= ? AND id < ?')
      .run(from, recordId(partition, earliest)).changes;
    this.database
      .prepare('UPDATE log_partitions SET earliest = ? WHERE partition = ?')
      .run(earliest, partition);
    return Number(removed);
  }
}

/** The number of partitions of the database's log; 0 if it has none yet. */
export function countPartitions(database: DatabaseSync): number {
  return Number(database.prepare('SELECT count(*) AS count FROM log_partitions').get()!['count']);
}

/** Gives the number of partitions there are then: another process may have been faster. */
function makePartitions(database: DatabaseSync, partitions: number): number {
  return inTransaction(database, () => {
    const existing = countPartitions(database);
    if (existing > 0) return existing;
    const insert = database.prepare('INSERT INTO log_partitions VALUES (?, 0, 0)');
    for (let partition = 0; partition < partitions; partition += 1) insert.run(partition);
    return partitions;
  });
}

function mismatch(existing: number, asked: number): MillraceError {
  const problem =
    `The stream in this data folder has ${existing} partitions, and ${asked} were asked for. ` +
    `Their number is fixed when a stream is made, since another one moves keys to other ` +
    `partitions. Ask for ${existing}, or use a new data folder.`;
  return new MillraceError('definition', problem, { problems: [problem] });
}
