import type { Clock } from '../../core/ports/clock.ts';
import {
  EventPublisher,
  type OutgoingRecord,
  type PublishOutcome,
} from '../../core/ports/event-publisher.ts';
import { checkRecords } from '../arguments.ts';
import { type Fault, withFault } from './fault.ts';
import type { MemoryLog } from './memory-log.ts';

/** What a {@link MemoryEventPublisher} may be told. */
export interface MemoryEventPublisherOptions {
  /** Default 1,048,576. */
  readonly recordBytesMax?: number;
  /** Default 500. */
  readonly callRecordsMax?: number;
  readonly fault?: Fault;
}

/** An {@link EventPublisher} into a {@link MemoryLog}; records arrive at `clock.now()`. */
export class MemoryEventPublisher extends EventPublisher {
  override readonly recordBytesMax: number;
  override readonly callRecordsMax: number;
  private readonly log: MemoryLog;
  private readonly clock: Clock;
  private readonly fault: Fault | undefined;

  constructor(log: MemoryLog, clock: Clock, options: MemoryEventPublisherOptions = {}) {
    super();
    this.log = log;
    this.clock = clock;
    this.recordBytesMax = options.recordBytesMax ?? 1_048_576;
    this.callRecordsMax = options.callRecordsMax ?? 500;
    this.fault = options.fault;
  }

  override async publish(records: readonly OutgoingRecord[]): Promise<PublishOutcome[]> {
    checkRecords(records, this.callRecordsMax);
    return withFault(this.fault, 'publish', () => records.map((record) => this.append(record)));
  }

  private append({ bucket, bucketCount, body }: OutgoingRecord): PublishOutcome {
    if (body.length > this.recordBytesMax) return 'too-large';
    const partition = this.log.partitionOf(bucket, bucketCount);
    this.log.append(partition, String(bucket), this.clock.now(), body);
    return 'accepted';
  }
}
