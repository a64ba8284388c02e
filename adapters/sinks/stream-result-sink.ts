import { MillraceError } from '../../core/errors.ts';
import { bucketOf } from '../../core/hash.ts';
import type { EventPublisher, OutgoingRecord } from '../../core/ports/event-publisher.ts';
import { type ResultMessage, ResultSink } from '../../core/ports/result-sink.ts';

const newlineBytes = 1;

/**
 * Results in a stream, as events of another pipeline may come: records of NDJSON, those of one row key in one
 * partition.
 */
export class StreamResultSink extends ResultSink {
  private readonly publisher: EventPublisher;
  private readonly bucketCount: number;

  /** `bucketCount`: buckets that row keys are spread over. */
  constructor(publisher: EventPublisher, bucketCount: number) {
    super();
    this.publisher = publisher;
    this.bucketCount = bucketCount;
  }

  override async publish(messages: readonly ResultMessage[]): Promise<void> {
    const { callRecordsMax } = this.publisher;
    const records = this.recordsOf(messages);
    for (let at = 0; at < records.length; at += callRecordsMax) {
      const outcomes = await this.publisher.publish(records.slice(at, at + callRecordsMax));
      const failed = outcomes.find((outcome) => outcome !== 'accepted');
      if (failed === undefined) continue;
      throw new MillraceError(failed, `the stream of results answered: ${failed}`);
    }
  }

  /** Messages of one bucket share records as far as these hold them. */
  private recordsOf(messages: readonly ResultMessage[]): OutgoingRecord[] {
    const { bucketCount } = this;
    const open = new Map<number, { texts: string[]; bytes: number }>();
    const records: OutgoingRecord[] = [];
    const close = (bucket: number, texts: readonly string[]): void => {
      records.push({ bucket, bucketCount, body: new TextEncoder().encode(texts.join('\n')) });
    };
    for (const { key, json } of messages) {
      const bucket = bucketOf(key, bucketCount);
      const bytes = Buffer.byteLength(json) + newlineBytes;
      const pack = open.get(bucket) ?? { texts: [], bytes: 0 };
      if (pack.texts.length > 0 && pack.bytes + bytes > this.publisher.recordBytesMax) {
        close(bucket, pack.texts.splice(0));
        pack.bytes = 0;
      }
      pack.texts.push(json);
      pack.bytes += bytes;
      open.set(bucket, pack);
    }
    for (const [bucket, { texts }] of open) close(bucket, texts);
    return records;
  }
}
