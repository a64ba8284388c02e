/** A record on its way into the stream. Its partition is `partitionOf(bucket, bucketCount, partitions)`. */
export interface OutgoingRecord {
  /** 0 <= bucket < bucketCount. Its decimal text is the record's partition key. */
  readonly bucket: number;
  readonly bucketCount: number;
  readonly body: Uint8Array;
}

/** What became of one record. A transient failure may be sent again; the record may have been taken all the same. */
export type PublishOutcome = 'accepted' | 'throttled' | 'unavailable' | 'too-large';

/**
 * Puts records into the stream.
 *
 * - The answer has one outcome per record, in order. Records of one partition that are accepted keep their order.
 * - It throws (`throttled`, `unavailable`) only when nothing is known about any record; `publish([])` gives [].
 * - Concurrent calls are safe; the order between them is not promised. The packing publisher retries.
 */
export abstract class EventPublisher {
  /** The largest body of one record, bytes. */
  abstract readonly recordBytesMax: number;
  /** The most records in one call. */
  abstract readonly callRecordsMax: number;
  abstract publish(records: readonly OutgoingRecord[]): Promise<PublishOutcome[]>;
}

/** The index of the partition that a bucket belongs to: equal shares, the same on every host. */
export function partitionOf(bucket: number, bucketCount: number, partitions: number): number {
  return Math.floor((bucket * partitions) / bucketCount);
}
