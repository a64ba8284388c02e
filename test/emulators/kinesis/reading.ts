import {
  choice,
  type Input,
  nameRule,
  required,
  sequenceRule,
  text,
  time,
  whole,
} from './fields.ts';
import { iteratorOf, type Place, placeOf } from './iterators.ts';
import { sequenceParts } from './sequence-number.ts';
import { invalidArgument, notFound } from './service-error.ts';
import type { Shard } from './shard.ts';
import { account, type Stream } from './stream.ts';
import type { Streams } from './streams.ts';

const recordsMax = 10_000;
const bytesMax = 10_485_760;

const types = [
  'AFTER_SEQUENCE_NUMBER',
  'LATEST',
  'AT_TIMESTAMP',
  'AT_SEQUENCE_NUMBER',
  'TRIM_HORIZON',
] as const;

/** GetShardIterator. */
export function getShardIterator(streams: Streams, input: Input): object {
  const type = choice(input, 'ShardIteratorType', types);
  const id = required(text(input, 'ShardId', nameRule), 'ShardId');
  const number = text(input, 'StartingSequenceNumber', sequenceRule);
  const stream = streams.ready(input);
  const shard = stream.shard(id);
  const now = streams.now();
  const position = positionOf(type, number, time(input, 'Timestamp'), { stream, shard, now });
  return { ShardIterator: iteratorOf(placeIn(stream, shard, position), now) };
}

interface Where {
  readonly stream: Stream;
  readonly shard: Shard;
  readonly now: number;
}

function positionOf(
  type: (typeof types)[number],
  number: string | undefined,
  timestamp: number | undefined,
  where: Where,
): bigint {
  const { shard, now } = where;
  if (type.endsWith('SEQUENCE_NUMBER') !== (number !== undefined)) {
    throw invalidArgument(
      'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
        '(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ' +
        `${type} and ${number === undefined ? 'no' : 'also a'} StartingSequenceNumber.`,
    );
  }
  if (type === 'AT_SEQUENCE_NUMBER') return ownNumber(number!, where);
  if (type === 'AFTER_SEQUENCE_NUMBER') return ownNumber(number!, where) + 1n;
  if (type === 'TRIM_HORIZON') return shard.starting;
  if (type === 'LATEST') return shard.next;
  if (timestamp === undefined) {
    throw invalidArgument(
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.',
    );
  }
  if (timestamp > now) {
    throw invalidArgument(
      'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
        `timestampInMillis: ${timestamp}, currentTimestampInMillis: ${now}`,
    );
  }
  return shard.positionAt(timestamp);
}

/** A sequence number that this shard may have given, now or before its records were trimmed. */
function ownNumber(number: string, { stream, shard }: Where): bigint {
  const value = BigInt(number);
  const parts = sequenceParts(value);
  const { name } = stream.start;
  const used =
    `StartingSequenceNumber ${number} used in GetShardIterator on shard ${shard.id} ` +
    `in stream ${name} under account ${account} is invalid`;
  if (parts === null) throw invalidArgument(`${used}.`);
  if (parts.shard !== shard.start.number) {
    const encoded = `shardId-${String(parts.shard).padStart(12, '0')}`;
    throw invalidArgument(
      `Invalid StartingSequenceNumber. It encodes ${encoded}, ` +
        `while it was used in a call to a shard with ${shard.id}`,
    );
  }
  if (parts.created !== shard.start.created) {
    throw invalidArgument(`${used} because it did not come from this stream.`);
  }
  return value;
}

/** GetRecords. With `isEmpty` it gives no records though there are some, as the service may. */
export function getRecords(streams: Streams, input: Input, isEmpty: boolean): object {
  const now = streams.now();
  const limit = whole(input, 'Limit', 1, recordsMax) ?? recordsMax;
  const place = placeOf(input, now);
  const stream = streams.find(place.stream);
  if (stream === undefined || stream.start.created !== place.created) {
    const at = `Shard ${place.shard} in stream ${place.stream} under account ${account}`;
    throw notFound(`${at} does not exist`);
  }
  const shard = stream.shard(place.shard);
  const records = isEmpty ? [] : shard.read(place.position, limit, bytesMax);
  const position = records.length === 0 ? place.position : records.at(-1)!.sequence + 1n;
  const [unread] = shard.read(position, 1, 0);
  const answer = {
    Records: records.map(({ number, arrival, data, key }) => ({
      SequenceNumber: number,
      ApproximateArrivalTimestamp: arrival / 1_000,
      Data: data,
      PartitionKey: key,
    })),
    MillisBehindLatest: unread === undefined ? 0 : Math.max(1, now - unread.arrival),
  };
  // A closed shard ends with an answer of its own, after the last of its records.
  if (shard.end !== null && records.length === 0 && unread === undefined) {
    const behind = { MillisBehindLatest: now - shard.end.closed };
    return { ...answer, ...behind, ChildShards: childrenOf(stream, shard) };
  }
  return { ...answer, NextShardIterator: iteratorOf(placeIn(stream, shard, position), now) };
}

function childrenOf(stream: Stream, shard: Shard): object[] {
  const children = stream.shards.filter(({ start }) => start.parents.includes(shard.id));
  return children.map(({ id, start }) => ({
    ShardId: id,
    ParentShards: start.parents,
    HashKeyRange: {
      StartingHashKey: String(start.range.first),
      EndingHashKey: String(start.range.last),
    },
  }));
}

function placeIn({ start }: Stream, shard: Shard, position: bigint): Place {
  return { stream: start.name, created: start.created, shard: shard.id, position };
}
