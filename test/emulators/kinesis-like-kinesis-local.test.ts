import type { Kinesis as KinesisService } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect, it, onTestFinished } from 'vitest';
import { clientOf, idOf, kinesis } from './kinesis-clients.ts';
import { startKinesisLocal } from './kinesis-local.ts';

/** What calls have learned so far: sequence numbers, iterators, tokens. */
type Known = Record<string, string | undefined>;
type Call = (client: KinesisService, known: Known) => Promise<object>;

const StreamName = 'a';
const Data = Buffer.from('data');
const low = { PartitionKey: 'low', Data, ExplicitHashKey: '5' };
const high = { PartitionKey: 'high', Data, ExplicitHashKey: String((1n << 128n) - 1n) };
const inFirst = { StreamName, ShardId: idOf(0) };

async function iterate(client: KinesisService, known: Known, where: object): Promise<object> {
  const answer = await client.getShardIterator({
    ...inFirst,
    ...(where as typeof inFirst),
  } as never);
  known['iterator'] = answer.ShardIterator;
  return answer;
}

async function next(client: KinesisService, known: Known, more: object = {}): Promise<object> {
  const answer = await client.getRecords({ ShardIterator: known['iterator'], ...more });
  known['iterator'] = answer.NextShardIterator;
  return answer;
}

async function active(client: KinesisService): Promise<object> {
  const describe = () => client.describeStreamSummary({ StreamName });
  await expect
    .poll(async () => (await describe()).StreamDescriptionSummary!.StreamStatus)
    .toBe('ACTIVE');
  return describe();
}

const [trimHorizon, latest, at, after, atTime] = [
  'TRIM_HORIZON',
  'LATEST',
  'AT_SEQUENCE_NUMBER',
  'AFTER_SEQUENCE_NUMBER',
  'AT_TIMESTAMP',
].map((ShardIteratorType) => ({ ShardIteratorType }));

/** In this order, each in a state that those before it left. */
const script: Record<string, Call> = {
  'a stream that is not there': (c) => c.describeStream({ StreamName }),
  'shards of no stream': (c) => c.listShards({ StreamName }),
  'a put into no stream': (c) => c.putRecord({ StreamName, ...low }),
  'no shards': (c) => c.createStream({ StreamName, ShardCount: 0 }),
  create: (c) => c.createStream({ StreamName, ShardCount: 2 }),
  'create again': (c) => c.createStream({ StreamName, ShardCount: 2 }),
  summary: (c) => active(c),
  describe: (c) => c.describeStream({ StreamName }),
  'describe a page': (c) => c.describeStream({ StreamName, Limit: 1 }),
  list: (c) => c.listShards({ StreamName }),
  'list a page': async (c, known) => {
    const answer = await c.listShards({ StreamName, MaxResults: 1 });
    known['token'] = answer.NextToken;
    return answer;
  },
  'list the next page': (c, known) => c.listShards({ NextToken: known['token'] }),
  'list with a token and a name': (c, { token: NextToken }) =>
    c.listShards({ StreamName, NextToken }),
  'put one': async (c, known) => {
    const answer = await c.putRecord({ StreamName, ...low });
    known['first'] = answer.SequenceNumber;
    return answer;
  },
  'put some': (c) => c.putRecords({ StreamName, Records: [low, high, low] }),
  'put by keys': (c) =>
    c.putRecords({
      StreamName,
      Records: ['a', 'b', 'c', 'ж', ''.padEnd(256, 'x')].map((PartitionKey) => ({
        PartitionKey,
        Data,
      })),
    }),
  'put nothing': (c) => c.putRecords({ StreamName, Records: [] }),
  'put without a key': (c) => c.putRecord({ StreamName, PartitionKey: '', Data }),
  'put beyond the keys': (c) =>
    c.putRecord({ StreamName, ...low, ExplicitHashKey: String(1n << 128n) }),
  'read the start': (c, known) => iterate(c, known, trimHorizon!),
  'one record': (c, known) => next(c, known, { Limit: 1 }),
  'the rest': (c, known) => next(c, known),
  'the end': (c, known) => next(c, known),
  'read at a number': (c, known) =>
    iterate(c, known, { ...at, StartingSequenceNumber: known['first'] }),
  'from it': (c, known) => next(c, known),
  'read after a number': (c, known) =>
    iterate(c, known, { ...after, StartingSequenceNumber: known['first'] }),
  'behind it': (c, known) => next(c, known),
  'read the latest': (c, known) => iterate(c, known, latest!),
  'nothing yet': (c, known) => next(c, known),
  'put another': (c) => c.putRecord({ StreamName, ...low }),
  'the new one': (c, known) => next(c, known),
  'read at a time': (c, known) => iterate(c, known, { ...atTime, Timestamp: new Date(0) }),
  'since then': (c, known) => next(c, known),
  'read in the future': (c, known) =>
    iterate(c, known, { ...atTime, Timestamp: new Date(Date.now() + 3_600_000) }),
  'read at no number': (c, known) => iterate(c, known, at!),
  'read at no time': (c, known) => iterate(c, known, atTime!),
  'read at a small number': (c, known) => iterate(c, known, { ...at, StartingSequenceNumber: '5' }),
  'read at no digits': (c, known) => iterate(c, known, { ...at, StartingSequenceNumber: 'abc' }),
  'read no shard': (c, known) => iterate(c, known, { ...trimHorizon, ShardId: idOf(9) }),
  'no iterator': (c) => c.getRecords({ ShardIterator: 'x' }),
  'no limit': (c, known) => next(c, known, { Limit: 0 }),
  'split beyond the keys': (c) =>
    c.splitShard({
      StreamName,
      ShardToSplit: idOf(0),
      NewStartingHashKey: high.ExplicitHashKey,
    }),
  'split no shard': (c) =>
    c.splitShard({ StreamName, ShardToSplit: idOf(9), NewStartingHashKey: '9' }),
  'read on': (c, known) => iterate(c, known, trimHorizon!),
  split: (c) => c.splitShard({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: '1000' }),
  'split shards': (c) => active(c).then(() => c.listShards({ StreamName })),
  'put after the split': (c) => c.putRecords({ StreamName, Records: [low, high] }),
  'the parent': (c, known) => next(c, known),
  'the end of the parent': (c, known) => next(c, known),
  'merge no neighbours': (c) =>
    c.mergeShards({ StreamName, ShardToMerge: idOf(1), AdjacentShardToMerge: idOf(2) }),
  merge: (c) => c.mergeShards({ StreamName, ShardToMerge: idOf(2), AdjacentShardToMerge: idOf(3) }),
  'merged shards': (c) => active(c).then(() => c.listShards({ StreamName })),
  'open shards': (c) => c.listShards({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }),
  'all shards': (c) => c.listShards({ StreamName, ShardFilter: { Type: 'FROM_TRIM_HORIZON' } }),
  'later shards': (c) =>
    c.listShards({ StreamName, ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId: idOf(1) } }),
  'keep longer': (c) => c.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 48 }),
  'keep shorter': (c) => c.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 24 }),
  'put too many': (c) => c.putRecords({ StreamName, Records: Array(501).fill(low) }),
  delete: (c) => c.deleteStream({ StreamName }),
};

/** Where kinesis-local answers otherwise than the service, each for a reason. */
const differences: Readonly<Record<string, string>> = {
  'no shards': 'takes it for too many',
  'put nothing': 'takes it',
  'put without a key': 'has another name for the error',
  'read at a small number': 'looks for a record of exactly this number',
  'read at no digits': 'has another name for the error',
  'no iterator': 'fails',
  'no limit': 'has another name for the error',
  'the parent': 'ends a closed shard together with its last records, as readers must expect too',
  'the end of the parent': 'has given no iterator for it',
  'put too many': 'takes it',
};

it('answers like kinesis-local, named differences aside', async () => {
  const other = await startKinesisLocal();
  onTestFinished(() => other.stop());
  const ours = await outcomes(clientOf(await kinesis()));
  const theirs = await outcomes(clientOf(other, { requestHandler: new NodeHttpHandler() }));
  const differing = Object.keys(script).filter((name) => ours[name] !== theirs[name]);
  for (const name of differing) {
    if (!(name in differences)) expect.soft(ours[name], name).toBe(theirs[name]);
  }
  expect(differing).toEqual(Object.keys(differences));
});

/** What each call of the script ends with: the name of an error, or the shape of an answer as JSON. */
async function outcomes(client: KinesisService): Promise<Record<string, string>> {
  const known: Known = {};
  const found: Record<string, string> = {};
  for (const [name, call] of Object.entries(script)) {
    found[name] = await call(client, known).then(
      (answer) => JSON.stringify(shapeOf(answer), null, 1),
      (error: Error) => error.name,
    );
  }
  return found;
}

/** The client's own, a member that kinesis-local doesn't know, and one that it alone gives where nothing is encrypted. */
const uncompared = ['$metadata', 'MaxRecordSizeInKiB', 'EncryptionType'];

/** An answer without what is another one each time. */
function shapeOf(value: unknown, key = ''): unknown {
  if (value instanceof Date) return 'a time';
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (key === 'MillisBehindLatest') return value === 0 ? 'at the end' : 'behind';
  if (/Iterator$|Token$/.test(key)) return 'a text';
  if (/SequenceNumber$/.test(key)) return 'a number';
  // Those of kinesis-local begin and end one lower where a stream's first shards meet.
  if (/HashKey$/.test(key)) return String(value).slice(0, 30);
  if (Array.isArray(value)) return value.map((each) => shapeOf(each));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([name, each]) => !uncompared.includes(name) && each !== undefined,
  );
  return Object.fromEntries(entries.sort().map(([name, each]) => [name, shapeOf(each, name)]));
}
