import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandOutput,
} from '@aws-sdk/client-kinesis';
import { MillraceError } from '../../core/errors.ts';
import type { StreamRecord } from '../../core/event.ts';
import {
  type Bounds,
  type PartitionInfo,
  type StreamRead,
  StreamReader,
} from '../../core/ports/stream-reader.ts';
import { checkInteger } from '../arguments.ts';
import { awsError, isNamed } from './errors.ts';
import { placeOf, plainBytes, positionBefore, recordsOf } from './kinesis-records.ts';

/** The most that one GetRecords takes as its limit. */
const callRecordsMax = 10_000;
/** What the service says of a sequence number or an iterator that is not of this shard. */
const refused = ['InvalidArgumentException', 'ResourceNotFoundException'];

/** A shard, open or closed. */
interface Shard {
  readonly id: string;
  readonly parents: readonly string[];
  /** The first of the hash keys whose records it gets. */
  readonly startingHashKey: bigint;
  readonly startingSequenceNumber: bigint;
}

/** Where a read has ended: an iterator of the service, good for five minutes. */
interface Ahead {
  /** The position that it stands for. */
  readonly from: bigint;
  readonly iterator: string;
}

/**
 * A {@link StreamReader} of a Kinesis stream, whose partitions are shards. `recordsOf` says what a
 * position is. A shard is listed, open or closed, as long as Kinesis knows it; a parent may have
 * been forgotten before its children.
 *
 * A read is one GetRecords, of which a shard grants 5 a second to all its readers together, and
 * ends after 10 MiB. The iterator is kept, so that who reads on needs no other call. A partition is
 * caught up when Kinesis gives nothing and says that it is 0 ms behind; a read that gives records
 * never says so, since the tip may be of the same millisecond.
 *
 * `earliest` of a partition that holds nothing is where its shard has begun: there is no telling
 * where the next record will be, only that it will be behind that.
 *
 * The client must have `maxAttempts: 1`. It may be asked for `kinesis:ListShards`,
 * `kinesis:GetShardIterator` and `kinesis:GetRecords`.
 */
export class KinesisStreamReader extends StreamReader {
  override readonly contiguous = false;
  private readonly client: KinesisClient;
  private readonly streamName: string;
  private shards: ReadonlyMap<string, Shard> = new Map();
  private readonly ahead = new Map<string, Ahead>();

  constructor(client: KinesisClient, streamName: string) {
    super();
    this.client = client;
    this.streamName = streamName;
  }

  override async partitions(): Promise<PartitionInfo[]> {
    const shards = await this.list();
    return shards.map(({ id, parents }) => ({ id, parents }));
  }

  override async bounds(partition: string): Promise<Bounds> {
    const shard = await this.shard(partition);
    const iterator = await this.iterator(shard, { ShardIteratorType: 'TRIM_HORIZON' });
    const [first] = recordsIn(await this.get(iterator, 1));
    return { earliest: first?.position ?? startOf(shard), latest: null };
  }

  override async read(partition: string, from: bigint, limit: number): Promise<StreamRead> {
    checkInteger('The limit of a read', limit, 1, Number.MAX_SAFE_INTEGER);
    const shard = await this.shard(partition);
    const page = await this.page(shard, from, Math.min(limit, callRecordsMax));
    const waiting = recordsIn(page).filter(({ position }) => position >= from);
    const records = waiting.slice(0, limit);
    const isWhole = records.length === waiting.length;
    const iterator = page.NextShardIterator ?? null;
    const last = records.at(-1);
    if (isWhole && iterator !== null) {
      this.ahead.set(partition, { from: last ? last.position + 1n : from, iterator });
    }
    const isEmpty = page.Records?.length === 0 && page.MillisBehindLatest === 0;
    const ended = isWhole && iterator === null;
    return { records, caughtUp: ended || isEmpty, ended };
  }

  /** What Kinesis gives next, by the iterator that the last read has left, if it is one for here. */
  private async page(shard: Shard, from: bigint, limit: number): Promise<GetRecordsCommandOutput> {
    const ahead = this.ahead.get(shard.id);
    if (ahead?.from === from) {
      try {
        return await this.get(ahead.iterator, limit);
      } catch (error) {
        // Of a stream that was made anew it is refused.
        if (!isFrom(error, 'ExpiredIteratorException', ...refused)) throw error;
        this.ahead.delete(shard.id);
      }
    }
    return this.get(await this.iteratorAt(shard, from), limit);
  }

  private async get(iterator: string, limit: number): Promise<GetRecordsCommandOutput> {
    const command = new GetRecordsCommand({ ShardIterator: iterator, Limit: limit });
    return this.client.send(command).catch((cause) => {
      throw awsError('read the stream', cause);
    });
  }

  /**
   * An iterator whose first record is the first one at or after a position, or some way before it.
   * Kinesis takes only sequence numbers that it has given out, and those that it no longer has may
   * be among them or not: for any other the way starts at the oldest record kept.
   */
  private async iteratorAt(shard: Shard, from: bigint): Promise<string> {
    const oldest = { ShardIteratorType: 'TRIM_HORIZON' } as const;
    if (from <= startOf(shard)) return this.iterator(shard, oldest);
    const { sequenceNumber, where } = placeOf(from);
    try {
      return await this.iterator(shard, {
        ShardIteratorType: where === 'in' ? 'AT_SEQUENCE_NUMBER' : 'AFTER_SEQUENCE_NUMBER',
        StartingSequenceNumber: String(sequenceNumber),
      });
    } catch (error) {
      if (!isFrom(error, ...refused)) throw error;
      return this.iterator(shard, oldest);
    }
  }

  private async iterator(
    { id }: Shard,
    start: Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'StartingSequenceNumber'>,
  ): Promise<string> {
    const command = new GetShardIteratorCommand({
      ...{ StreamName: this.streamName, ShardId: id },
      ...start,
    } as GetShardIteratorCommandInput);
    const { ShardIterator } = await this.client.send(command).catch((cause) => {
      throw awsError(`find a place in ${id}`, cause);
    });
    return ShardIterator!;
  }

  private async shard(id: string): Promise<Shard> {
    if (!this.shards.has(id)) await this.list();
    const shard = this.shards.get(id);
    if (shard !== undefined) return shard;
    throw new MillraceError('request', `There is no partition ${JSON.stringify(id)}.`);
  }

  /** All shards, in the order of what they hold, and those of the same place in the order in which they were made. */
  private async list(): Promise<readonly Shard[]> {
    const shards: Shard[] = [];
    let token: string | undefined;
    do {
      const page = await this.listSome(token);
      for (const shard of page.Shards ?? []) shards.push(shardOf(shard));
      token = page.NextToken;
    } while (token !== undefined);
    shards.sort(byPlace);
    this.shards = new Map(shards.map((shard) => [shard.id, shard]));
    return shards;
  }

  private async listSome(token: string | undefined): Promise<ListShardsCommandOutput> {
    // The token names the stream.
    const which = token === undefined ? { StreamName: this.streamName } : { NextToken: token };
    return this.client.send(new ListShardsCommand(which)).catch((cause) => {
      throw awsError('list the shards', cause);
    });
  }
}

type ListedShard = NonNullable<ListShardsCommandOutput['Shards']>[number];

function shardOf(listed: ListedShard): Shard {
  const parents = [listed.ParentShardId, listed.AdjacentParentShardId];
  return {
    id: listed.ShardId!,
    parents: parents.filter((each) => typeof each === 'string'),
    startingHashKey: BigInt(listed.HashKeyRange!.StartingHashKey!),
    startingSequenceNumber: BigInt(listed.SequenceNumberRange!.StartingSequenceNumber!),
  };
}

function byPlace(a: Shard, b: Shard): number {
  if (a.startingHashKey !== b.startingHashKey) {
    return a.startingHashKey < b.startingHashKey ? -1 : 1;
  }
  // Shards are numbered as they are made, in twelve digits.
  return a.id < b.id ? -1 : 1;
}

function startOf({ startingSequenceNumber }: Shard): bigint {
  return positionBefore(startingSequenceNumber);
}

function recordsIn({ Records = [] }: GetRecordsCommandOutput): StreamRecord[] {
  return Records.flatMap((record) =>
    recordsOf({
      sequenceNumber: BigInt(record.SequenceNumber!),
      partitionKey: record.PartitionKey!,
      arrival: record.ApproximateArrivalTimestamp!.getTime(),
      data: plainBytes(record.Data!),
    }),
  );
}

function isFrom(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof MillraceError && isNamed(error.cause, ...names);
}
