import type { StatementSync } from 'node:sqlite';
import type { Clock } from '../../core/ports/clock.ts';
import {
  EventPublisher,
  type OutgoingRecord,
  type PublishOutcome,
  partitionOf,
} from '../../core/ports/event-publisher.ts';
import { checkRecords } from '../arguments.ts';
import { sqlite } from './errors.ts';
import { inTransaction } from './local-database.ts';
import { type LocalLog, recordId } from './local-log.ts';

/** What a {@link LocalEventPublisher} may be told. */
export interface LocalEventPublisherOptions {
  /** Default 1,048,576. */
  readonly recordBytesMax?: number;
  /** Default 500. */
  readonly callRecordsMax?: number;
}

/**
 * An {@link EventPublisher} into a {@link LocalLog}: one transaction per call, arrival at
 * `clock.now()`.
 */
export class LocalEventPublisher extends EventPublisher {
  override readonly recordBytesMax: number;
  override readonly callRecordsMax: number;
  private readonly log: LocalLog;
  private readonly clock: Clock;
  private readonly readNext: StatementSync;
  private readonly writeNext: StatementSync;
  private readonly insert: StatementSync;

  constructor(log: LocalLog, clock: Clock, options: LocalEventPublisherOptions = {}) {
    super();
    this.log = log;
    this.clock = clock;
    this.recordBytesMax = options.recordBytesMax ?? 1_048_576;
    this.callRecordsMax = options.callRecordsMax ?? 500;
    const prepare = (sql: string) => sqlite('prepare the log', () => log.database.prepare(sql));
    this.readNext = prepare('SELECT next FROM log_partitions WHERE partition = ?');
    this.writeNext = prepare('UPDATE log_partitions SET next = ? WHERE partition = ?');
    this.insert = prepare(
      'INSERT INTO log_records (id, bucket, arrival, body) VALUES (?, ?, ?, ?)',
    );
  }

  override async publish(records: readonly OutgoingRecord[]): Promise<PublishOutcome[]> {
    checkRecords(records, this.callRecordsMax);
    if (records.length === 0) return [];
    return sqlite('publish', () =>
      inTransaction(this.log.database, () => this.append(records, this.clock.now())),
    );
  }

  private append(records: readonly OutgoingRecord[], arrival: number): PublishOutcome[] {
    const next = new Map<number, number>();
    const outcomes = records.map(({ bucket, bucketCount, body }): PublishOutcome => {
      if (body.length > this.recordBytesMax) return 'too-large';
      const partition = partitionOf(bucket, bucketCount, this.log.partitions);
      const position = next.get(partition) ?? this.next(partition);
      this.insert.run(recordId(partition, BigInt(position)), bucket, arrival, body);
      next.set(partition, position + 1);
      return 'accepted';
    });
    for (const [partition, position] of next) this.writeNext.run(position, partition);
    return outcomes;
  }

  private next(partition: number): number {
    return this.readNext.get(partition)!['next'] as number;
  }
}
