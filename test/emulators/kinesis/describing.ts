import { type Input, nameRule, text, whole } from './fields.ts';
import type { Shard } from './shard.ts';
import type { Stream } from './stream.ts';
import { arnOf, type Streams } from './streams.ts';

/** DescribeStream. */
export function describeStream(streams: Streams, input: Input): object {
  const limit = whole(input, 'Limit', 1, 10_000) ?? 100;
  const after = text(input, 'ExclusiveStartShardId', nameRule) ?? '';
  const stream = streams.named(input);
  const shards = stream.status === 'CREATING' ? [] : stream.shards.filter(({ id }) => id > after);
  return {
    StreamDescription: {
      ...described(stream),
      Shards: shards.slice(0, limit).map(shardAnswer),
      HasMoreShards: shards.length > limit,
    },
  };
}

/** DescribeStreamSummary. */
export function describeStreamSummary(streams: Streams, input: Input): object {
  const stream = streams.named(input);
  return {
    StreamDescriptionSummary: {
      ...described(stream),
      OpenShardCount: stream.shards.filter(({ end }) => end === null).length,
      ConsumerCount: 0,
      MaxRecordSizeInKiB: stream.start.recordKibibytesMax,
    },
  };
}

function described({ start, status, retentionHours }: Stream): object {
  return {
    StreamName: start.name,
    StreamARN: arnOf(start.name),
    StreamStatus: status,
    StreamModeDetails: { StreamMode: start.mode },
    RetentionPeriodHours: retentionHours,
    StreamCreationTimestamp: Math.floor(start.created / 1_000),
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  };
}

/** A shard as answers tell about it. */
export function shardAnswer({ id, start, starting, end }: Shard): object {
  const [parent, adjacent] = start.parents;
  return {
    ShardId: id,
    ...(parent !== undefined && { ParentShardId: parent }),
    ...(adjacent !== undefined && { AdjacentParentShardId: adjacent }),
    HashKeyRange: {
      StartingHashKey: String(start.range.first),
      EndingHashKey: String(start.range.last),
    },
    SequenceNumberRange: {
      StartingSequenceNumber: String(starting),
      ...(end !== null && { EndingSequenceNumber: String(end.sequence) }),
    },
  };
}
