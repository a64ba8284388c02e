import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { type RecordSource, type ShardRecord, shardRecord } from './kinesis-event.ts';

/** Where reading starts. */
export type StartPosition =
  | { readonly type: 'TRIM_HORIZON' | 'LATEST' }
  | { readonly type: 'AT_TIMESTAMP'; readonly timestamp: Date }
  | { readonly type: 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

/** Reads a shard forward, record by record, from where it starts to the end of the shard. */
export class ShardReader {
  private readonly client: KinesisClient;
  private readonly source: RecordSource;
  private start: StartPosition;
  private iterator: string | undefined;
  private ended = false;

  constructor(client: KinesisClient, source: RecordSource, start: StartPosition) {
    this.client = client;
    this.source = source;
    this.start = start;
  }

  /** There is nothing more, and there will be nothing. */
  get isEnded(): boolean {
    return this.ended;
  }

  /** Settles where the shard is read from: what is put into it from now on will be read. */
  async open(): Promise<void> {
    const { type } = this.start;
    const input: GetShardIteratorCommandInput = {
      ...{ StreamARN: this.source.sourceArn, ShardId: this.source.shard, ShardIteratorType: type },
      ...(type === 'AT_TIMESTAMP' && { Timestamp: this.start.timestamp }),
      ...(type === 'AFTER_SEQUENCE_NUMBER' && {
        StartingSequenceNumber: this.start.sequenceNumber,
      }),
    };
    const { ShardIterator } = await this.client.send(new GetShardIteratorCommand(input));
    this.iterator = ShardIterator;
  }

  /** The next records, which may be none. After an error it goes on from where it was. */
  async read(): Promise<{ readonly records: ShardRecord[]; readonly behindMs: number }> {
    if (this.iterator === undefined) await this.open();
    const ShardIterator = this.iterator!;
    // An iterator that has failed may have expired: the next call asks for a new one.
    if (this.start.type !== 'LATEST') this.iterator = undefined;
    const answer = await this.client.send(new GetRecordsCommand({ ShardIterator }));
    this.iterator = answer.NextShardIterator;
    this.ended = answer.NextShardIterator === undefined;
    const records = (answer.Records ?? []).map((record) => shardRecord(record, this.source));
    const sequenceNumber = records.at(-1)?.event.kinesis.sequenceNumber;
    if (sequenceNumber !== undefined)
      this.start = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber };
    return { records, behindMs: answer.MillisBehindLatest ?? 0 };
  }
}
