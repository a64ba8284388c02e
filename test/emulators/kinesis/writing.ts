import { hash as digest } from 'node:crypto';
import { blob, blobBytes, hashKeyRule, type Input, required, text, wrongType } from './fields.ts';
import { constraint, invalidArgument } from './service-error.ts';
import type { Shard } from './shard.ts';
import { account, type Stream } from './stream.ts';
import type { Streams } from './streams.ts';

const recordsMax = 500;
const requestBytesMax = 10_485_760;
const keyRule = { charactersMin: 1, charactersMax: 256 };

/** Why the service stores some records of a PutRecords and not others. */
export type RecordError = 'ProvisionedThroughputExceededException' | 'InternalFailure';

/** What goes wrong with a record of a PutRecords, by its place in the request; null for nothing. */
export type RecordFault = (index: number) => RecordError | null;

interface Incoming {
  readonly key: string;
  readonly hash: bigint;
  readonly data: string;
  readonly bytes: number;
}

/** PutRecord. */
export function putRecord(streams: Streams, input: Input): object {
  const stream = streams.ready(input);
  const record = incoming(stream, input, '');
  return store(stream, record, stream.shardOf(record.hash), streams.now());
}

/** PutRecords. A record that fails is left out, and the others are stored. */
export function putRecords(streams: Streams, input: Input, fault: RecordFault): object {
  const list = required(input['Records'] ?? undefined, 'Records');
  if (!Array.isArray(list)) throw wrongType('Records is not a List');
  if (list.length < 1) {
    throw constraint('Records', '[]', 'have length greater than or equal to 1');
  }
  if (list.length > recordsMax) {
    const shown = `[${list.length} records]`;
    throw constraint('Records', shown, `have length less than or equal to ${recordsMax}`);
  }
  const stream = streams.ready(input);
  const records = list.map((each, i) => incoming(stream, each, `Records.${i + 1}.member.`));
  if (records.reduce((sum, { bytes }) => sum + bytes, 0) > requestBytesMax) {
    throw invalidArgument('Records size exceeds 10 MB limit');
  }
  const now = streams.now();
  const answers = records.map((record, i) => {
    const shard = stream.shardOf(record.hash);
    const error = fault(i);
    if (error === null) return store(stream, record, shard, now);
    return { ErrorCode: error, ErrorMessage: messageOf(error, stream, shard) };
  });
  const failed = answers.filter((answer) => 'ErrorCode' in answer).length;
  return { FailedRecordCount: failed, Records: answers };
}

function store(stream: Stream, { key, data, bytes }: Incoming, shard: Shard, now: number): object {
  return { SequenceNumber: stream.append(shard, now, key, data, bytes), ShardId: shard.id };
}

function messageOf(error: RecordError, { start }: Stream, shard: Shard): string {
  return error === 'InternalFailure'
    ? 'Internal service failure.'
    : `Rate exceeded for shard ${shard.id} in stream ${start.name} under account ${account}.`;
}

function incoming(stream: Stream, input: Input, path: string): Incoming {
  const key = required(
    text(input, 'PartitionKey', keyRule, `${path}PartitionKey`),
    `${path}PartitionKey`,
  );
  const data = required(blob(input, 'Data'), `${path}Data`);
  const bytes = blobBytes(data) + Buffer.byteLength(key);
  const bytesMax = stream.start.recordKibibytesMax * 1_024;
  if (bytes > bytesMax) {
    const shown = `java.nio.HeapByteBuffer[pos=0 lim=${bytes} cap=${bytes}]`;
    throw constraint(`${path}Data`, shown, `have length less than or equal to ${bytesMax}`);
  }
  const explicit = text(input, 'ExplicitHashKey', hashKeyRule, `${path}ExplicitHashKey`);
  return { key, data, bytes, hash: explicit === undefined ? hashOf(key) : explicitHash(explicit) };
}

/** A partition key's place among the hash keys: its MD5 as a number. */
function hashOf(key: string): bigint {
  return BigInt(`0x${digest('md5', key)}`);
}

function explicitHash(text: string): bigint {
  const hash = BigInt(text);
  if (hash < 1n << 128n) return hash;
  throw invalidArgument(
    'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
      `Specified value was ${text}`,
  );
}
