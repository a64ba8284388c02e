import { hashKeyRule, type Input, nameRule, required, structure, text, whole } from './fields.ts';
import { invalidArgument, notFound } from './service-error.ts';
import type { HashRange, Shard } from './shard.ts';
import { account, type Stream } from './stream.ts';
import type { Streams } from './streams.ts';

const shardsMax = 10_000;
const onDemandShards = 4;

/** CreateStream. */
export function createStream(streams: Streams, input: Input): null {
  const name = required(text(input, 'StreamName', nameRule), 'StreamName');
  const mode = text(structure(input, 'StreamModeDetails') ?? {}, 'StreamMode') ?? 'PROVISIONED';
  const count = whole(input, 'ShardCount', 1, shardsMax);
  const isOnDemand = mode === 'ON_DEMAND';
  if (!isOnDemand && count === undefined) {
    throw invalidArgument('ShardCount is required for a stream in PROVISIONED mode.');
  }
  streams.create({
    name,
    mode: isOnDemand ? 'ON_DEMAND' : 'PROVISIONED',
    shards: count ?? onDemandShards,
    recordKibibytesMax: whole(input, 'MaxRecordSizeInKiB', 1_024, 10_240) ?? 1_024,
    created: streams.now(),
  });
  return null;
}

/** DeleteStream. */
export function deleteStream(streams: Streams, input: Input): null {
  streams.delete(streams.named(input));
  return null;
}

/** IncreaseStreamRetentionPeriod. */
export function increaseRetention(streams: Streams, input: Input): null {
  const hours = required(whole(input, 'RetentionPeriodHours', 1, 8_760), 'RetentionPeriodHours');
  const stream = streams.named(input);
  const { retentionHours } = stream;
  if (hours < retentionHours) {
    throw invalidArgument(
      `Requested retention period (${hours} hours) for stream ${stream.start.name} can not be shorter ` +
        `than existing retention period (${retentionHours} hours).`,
    );
  }
  stream.retentionHours = hours;
  return null;
}

/** SplitShard. The new shard that begins at NewStartingHashKey is the upper one. */
export function splitShard(streams: Streams, input: Input): null {
  const key = required(text(input, 'NewStartingHashKey', hashKeyRule), 'NewStartingHashKey');
  const id = required(text(input, 'ShardToSplit', nameRule), 'ShardToSplit');
  const stream = streams.named(input);
  const shard = shardNamed(stream, id);
  const { first, last } = shard.start.range;
  const hash = BigInt(key);
  if (hash <= first + 1n || hash >= last) {
    throw invalidArgument(
      `NewStartingHashKey ${hash} used in SplitShard() on shard ${id} in stream ` +
        `${stream.start.name} under account ${account} is not both greater than one plus the ` +
        `shard's StartingHashKey ${first} and less than the shard's EndingHashKey ${last}.`,
    );
  }
  const ranges = [
    { first, last: hash - 1n },
    { first: hash, last },
  ];
  replace(streams, stream, [shard], ranges);
  return null;
}

/** MergeShards. */
export function mergeShards(streams: Streams, input: Input): null {
  const names = ['ShardToMerge', 'AdjacentShardToMerge'];
  const ids = names.map((name) => required(text(input, name, nameRule), name));
  const stream = streams.named(input);
  const pair = ids.map((id) => shardNamed(stream, id));
  const [low, high] = pair
    .map(({ start }) => start.range)
    .toSorted((a, b) => (a.first < b.first ? -1 : 1));
  if (low!.last + 1n !== high!.first) {
    throw invalidArgument(
      `Shards ${ids.join(' and ')} in stream ${stream.start.name} under account ${account} ` +
        'are not an adjacent pair of shards eligible for merging',
    );
  }
  replace(streams, stream, pair, [{ first: low!.first, last: high!.last }]);
  return null;
}

function shardNamed(stream: Stream, id: string): Shard {
  const shard = stream.shards.find((each) => each.id === id);
  if (shard !== undefined) return shard;
  const { name } = stream.start;
  throw notFound(`Could not find shard ${id} in stream ${name} under account ${account}.`);
}

function replace(
  streams: Streams,
  stream: Stream,
  parents: readonly Shard[],
  ranges: readonly HashRange[],
): void {
  const closed = parents.find(({ end }) => end !== null);
  if (closed !== undefined) {
    const { name } = stream.start;
    const title = `Shard ${closed.id} in stream ${name} under account ${account}`;
    throw invalidArgument(`${title} is already closed`);
  }
  streams.change(stream, 'UPDATING', (at) => stream.replace(parents, ranges, at));
}
