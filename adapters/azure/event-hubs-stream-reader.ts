import {
  type EventHubConsumerClient,
  type EventPosition,
  earliestEventPosition,
  type Subscription,
} from '@azure/event-hubs';
import type { StreamRecord } from '../../core/event.ts';
import { Mutex } from '../../core/mutex.ts';
import {
  type Bounds,
  type PartitionInfo,
  type StreamRead,
  StreamReader,
} from '../../core/ports/stream-reader.ts';
import { checkInteger, partitionIndex } from '../arguments.ts';
import { eventHubs } from './event-hubs-errors.ts';
import { positionOf, recordOf } from './event-hubs-records.ts';

/** What an {@link EventHubsStreamReader} may be told. */
export interface EventHubsStreamReaderOptions {
  /** How long to wait for records that the hub says it has; default 5. */
  readonly receiveSecondsMax?: number;
  /** A read ends with the record that reaches this many bytes of bodies; default 33,554,432. */
  readonly readBytesMax?: number;
}

/** Records that the client fetches at a time. */
const batchRecordsMax = 300;

/**
 * A {@link StreamReader} of an event hub: positions are sequence numbers. A read asks for the partition's bounds, and
 * receives up to there over a link of its own, so it takes several round trips: read many records at a time.
 *
 * The client must have `retryOptions: { maxRetries: 0 }`, no checkpoint store, and a consumer group in which nobody
 * reads as an owner: the Functions host does, and shuts out all others of its group.
 */
export class EventHubsStreamReader extends StreamReader {
  override readonly contiguous = true;
  private readonly client: EventHubConsumerClient;
  private readonly receiveSecondsMax: number;
  private readonly readBytesMax: number;
  /** The client takes one subscription per partition. */
  private readonly reads = new Mutex();
  private partitionCount: number | null = null;

  constructor(client: EventHubConsumerClient, options: EventHubsStreamReaderOptions = {}) {
    super();
    this.client = client;
    this.receiveSecondsMax = options.receiveSecondsMax ?? 5;
    this.readBytesMax = options.readBytesMax ?? 33_554_432;
  }

  override async partitions(): Promise<PartitionInfo[]> {
    const ids = await eventHubs('read the partitions of the hub', () =>
      this.client.getPartitionIds(),
    );
    this.partitionCount = ids.length;
    return ids.map((_, index) => ({ id: String(index), parents: [] }));
  }

  override async bounds(partition: string): Promise<Bounds & { readonly latest: bigint }> {
    partitionIndex(partition, this.partitionCount ?? (await this.partitions()).length);
    const properties = await eventHubs('read the bounds', () =>
      this.client.getPartitionProperties(partition),
    );
    const latest = positionOf(properties.lastEnqueuedSequenceNumber);
    const earliest = positionOf(properties.beginningSequenceNumber);
    return { earliest: properties.isEmpty ? latest + 1n : earliest, latest };
  }

  override async read(partition: string, from: bigint, limit: number): Promise<StreamRead> {
    checkInteger('The limit of a read', limit, 1, Number.MAX_SAFE_INTEGER);
    const { earliest, latest } = await this.bounds(partition);
    const first = from > earliest ? from : earliest;
    if (first > latest) return { records: [], caughtUp: true, ended: false };
    const last = first + BigInt(limit) <= latest ? first + BigInt(limit) - 1n : latest;
    const records = await this.reads.run(partition, () =>
      eventHubs('read the hub', () => this.receive(partition, { earliest, first, last })),
    );
    // True as of the moment when the bounds were read, which lies within this call.
    return { records, caughtUp: records.at(-1)?.position === latest, ended: false };
  }

  /** The records from `first` to `last`, or fewer if they are many bytes or don't come in time. */
  private async receive(
    partition: string,
    { earliest, first, last }: Readonly<Record<'earliest' | 'first' | 'last', bigint>>,
  ): Promise<StreamRecord[]> {
    const records: StreamRecord[] = [];
    let next = first;
    let bytes = 0;
    let subscription: Subscription | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const processEvents = async (events: Parameters<typeof recordOf>[0][]) => {
          for (const event of events) {
            const record = recordOf(event);
            // After a lost connection the client may begin anew where it began.
            if (record.position < next || next > last || bytes >= this.readBytesMax) continue;
            records.push(record);
            bytes += record.body.length;
            next = record.position + 1n;
          }
          if (events.length === 0 || next > last || bytes >= this.readBytesMax) resolve();
        };
        const processError = async (error: unknown) => reject(error);
        subscription = this.client.subscribe(
          partition,
          { processEvents, processError },
          {
            startPosition: first === earliest ? earliestEventPosition : after(first - 1n),
            maxBatchSize: batchRecordsMax,
            prefetchCount: batchRecordsMax,
            maxWaitTimeInSeconds: this.receiveSecondsMax,
            skipParsingBodyAsJson: true,
          },
        );
      });
    } finally {
      // Not waited for: the client is ready for the next one at once, and after a lost connection the end of a link
      // takes it a minute.
      subscription?.close().catch(() => undefined);
    }
    return records;
  }
}

/** The client puts the number into a text, so one beyond 2^53 may be a bigint against its type. */
function after(position: bigint): EventPosition {
  return { sequenceNumber: position as unknown as number, isInclusive: false };
}
