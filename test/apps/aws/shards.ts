import {
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';

/** A shard and the hash keys whose records it gets. */
export interface Shard {
  readonly id: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly isOpen: boolean;
}

/** The shards of a stream, split and merged by hand. */
export class Shards {
  private readonly client: KinesisClient;
  private readonly StreamName: string;

  constructor(client: KinesisClient, streamName: string) {
    this.client = client;
    this.StreamName = streamName;
  }

  /** Those that take records, in the order of their hash keys. */
  async open(): Promise<Shard[]> {
    const all = await this.all();
    return all.filter(({ isOpen }) => isOpen).sort((a, b) => (a.first < b.first ? -1 : 1));
  }

  /** Splits a shard in the middle of its hash keys. */
  async split({ id, first, last }: Shard): Promise<void> {
    const NewStartingHashKey = String((first + last) / 2n);
    const { StreamName } = this;
    await this.client.send(
      new SplitShardCommand({ StreamName, ShardToSplit: id, NewStartingHashKey }),
    );
  }

  /** Merges two shards that are neighbours. */
  async merge(one: Shard, other: Shard): Promise<void> {
    const { StreamName } = this;
    const pair = { ShardToMerge: one.id, AdjacentShardToMerge: other.id };
    await this.client.send(new MergeShardsCommand({ StreamName, ...pair }));
  }

  /** A hash key of a shard by its id, or of one that the stream had from the start, by its number. */
  async hashKeyOf(partition: string): Promise<string> {
    const id = partition.startsWith('shardId-')
      ? partition
      : `shardId-${partition.padStart(12, '0')}`;
    const found = (await this.all()).find((shard) => shard.id === id);
    if (found === undefined) throw new Error(`There is no shard ${id}.`);
    return String(found.first);
  }

  private async all(): Promise<Shard[]> {
    const { Shards = [] } = await this.client.send(
      new ListShardsCommand({ StreamName: this.StreamName }),
    );
    return Shards.map(({ ShardId, HashKeyRange, SequenceNumberRange }) => ({
      id: ShardId!,
      first: BigInt(HashKeyRange!.StartingHashKey!),
      last: BigInt(HashKeyRange!.EndingHashKey!),
      isOpen: SequenceNumberRange!.EndingSequenceNumber === undefined,
    }));
  }
}
