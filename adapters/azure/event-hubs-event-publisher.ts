import type { EventData, EventHubProducerClient } from '@azure/event-hubs';
import type { MillraceError } from '../../core/errors.ts';
import {
  EventPublisher,
  type OutgoingRecord,
  type PublishOutcome,
  partitionOf,
} from '../../core/ports/event-publisher.ts';
import { checkRecords } from '../arguments.ts';
import { eventHubs, eventHubsError } from './event-hubs-errors.ts';
import { bucketProperty } from './event-hubs-records.ts';

/** What an {@link EventHubsEventPublisher} may be told. */
export interface EventHubsEventPublisherOptions {
  /** Default 1,047,552: the batch of the standard tier, 1 MiB, without 1 KiB for what goes around a body. */
  readonly recordBytesMax?: number;
  /** Default 500. */
  readonly callRecordsMax?: number;
}

/** Records of one partition, and where their outcomes go. */
interface Lane {
  readonly partition: string;
  readonly indexes: number[];
}

/**
 * An {@link EventPublisher} into an event hub: batches as large as the hub takes, those of one partition one after
 * the other. The first failure of a partition ends its turn, so nothing overtakes what has to be sent again.
 *
 * The client must have `retryOptions: { maxRetries: 0 }`, and a `timeoutInMs` of a few seconds there: it is how long
 * an answer that was lost is waited for.
 */
export class EventHubsEventPublisher extends EventPublisher {
  override readonly recordBytesMax: number;
  override readonly callRecordsMax: number;
  private readonly client: EventHubProducerClient;
  /** The number of partitions is fixed for as long as a pipeline's generation lives. */
  private partitions: number | null = null;

  constructor(client: EventHubProducerClient, options: EventHubsEventPublisherOptions = {}) {
    super();
    this.client = client;
    this.recordBytesMax = options.recordBytesMax ?? 1_047_552;
    this.callRecordsMax = options.callRecordsMax ?? 500;
  }

  override async publish(records: readonly OutgoingRecord[]): Promise<PublishOutcome[]> {
    checkRecords(records, this.callRecordsMax);
    if (records.length === 0) return [];
    const lanes = await this.lanesOf(records);
    const outcomes = records.map((): PublishOutcome => 'too-large');
    const failures = await Promise.all(lanes.map((lane) => this.send(lane, records, outcomes)));
    const [failure] = failures.filter((each) => each !== null);
    const isAllUnknown = outcomes.every((each) => each === 'throttled' || each === 'unavailable');
    if (failure !== undefined && isAllUnknown) throw failure;
    return outcomes;
  }

  /** The records that are not too large, by partition. */
  private async lanesOf(records: readonly OutgoingRecord[]): Promise<Lane[]> {
    this.partitions ??= (await this.read()).length;
    const lanes = new Map<number, Lane>();
    for (const [index, { bucket, bucketCount, body }] of records.entries()) {
      if (body.length > this.recordBytesMax) continue;
      const partition = partitionOf(bucket, bucketCount, this.partitions);
      const lane = lanes.get(partition);
      if (lane) lane.indexes.push(index);
      else lanes.set(partition, { partition: String(partition), indexes: [index] });
    }
    return [...lanes.values()];
  }

  private read(): Promise<string[]> {
    return eventHubs('read the partitions of the hub', () => this.client.getPartitionIds());
  }

  /** Sets the outcomes of one partition; gives the error that ended it. */
  private async send(
    { partition, indexes }: Lane,
    records: readonly OutgoingRecord[],
    outcomes: PublishOutcome[],
  ): Promise<MillraceError | null> {
    let sent = 0;
    const settle = (end: number, outcome: PublishOutcome) => {
      for (; sent < end; sent += 1) outcomes[indexes[sent] as number] = outcome;
    };
    while (sent < indexes.length) {
      try {
        const end = await this.sendBatch(partition, records, indexes, sent);
        // What does not even fit into an empty batch is too large for this hub.
        if (end === sent) settle(sent + 1, 'too-large');
        else settle(end, 'accepted');
      } catch (cause) {
        const error = eventHubsError('publish', cause) as MillraceError;
        settle(indexes.length, error.code === 'throttled' ? 'throttled' : 'unavailable');
        return error;
      }
    }
    return null;
  }

  /** Sends as many records from `start` on as a batch takes; gives where they end. */
  private async sendBatch(
    partition: string,
    records: readonly OutgoingRecord[],
    indexes: readonly number[],
    start: number,
  ): Promise<number> {
    const batch = await this.client.createBatch({ partitionId: partition });
    let end = start;
    while (end < indexes.length) {
      if (!batch.tryAdd(eventOf(records[indexes[end] as number] as OutgoingRecord))) break;
      end += 1;
    }
    if (end > start) await this.client.sendBatch(batch);
    return end;
  }
}

/** Event Hubs takes a partition or a partition key and not both, so the bucket goes as a property. */
function eventOf({ bucket, body }: OutgoingRecord): EventData {
  return { body, properties: { [bucketProperty]: String(bucket) } };
}
