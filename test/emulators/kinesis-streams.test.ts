import type { ShardFilter } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { clientOf, idOf, iterator, kinesis, messageOf, nameOf } from './kinesis-clients.ts';

const ids = (shards: readonly { readonly ShardId?: string | undefined }[] = []) =>
  shards.map(({ ShardId }) => Number(ShardId!.slice(-12)));

it('makes a stream whose shards share the hash keys evenly, and tells about it', async () => {
  const now = 1_700_000_000_123;
  const client = clientOf(await kinesis({ now: () => now }));
  await client.createStream({ StreamName: 'a', ShardCount: 3 });
  const { StreamDescription } = await client.describeStream({ StreamName: 'a' });
  expect(StreamDescription).toMatchObject({
    StreamName: 'a',
    StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/a',
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    RetentionPeriodHours: 24,
    StreamCreationTimestamp: new Date(1_700_000_000_000),
    HasMoreShards: false,
  });
  const ranges = StreamDescription!.Shards!.map(({ HashKeyRange }) => HashKeyRange);
  expect(ranges).toEqual([
    { StartingHashKey: '0', EndingHashKey: '113427455640312821154458202477256070484' },
    {
      StartingHashKey: '113427455640312821154458202477256070485',
      EndingHashKey: '226854911280625642308916404954512140969',
    },
    {
      StartingHashKey: '226854911280625642308916404954512140970',
      EndingHashKey: '340282366920938463463374607431768211455',
    },
  ]);
  const { StreamDescriptionSummary } = await client.describeStreamSummary({ StreamName: 'a' });
  const summary = { OpenShardCount: 3, ConsumerCount: 0, MaxRecordSizeInKiB: 1_024 };
  expect(StreamDescriptionSummary).toMatchObject(summary);
});

it('makes four shards for a stream on demand, and none without a count otherwise', async () => {
  const client = clientOf(await kinesis());
  const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
  await client.createStream({ StreamName: 'a', StreamModeDetails });
  const { Shards } = await client.listShards({ StreamName: 'a' });
  expect(Shards).toHaveLength(4);
  expect(await nameOf(client.createStream({ StreamName: 'b' }))).toBe('InvalidArgumentException');
  const none = client.createStream({ StreamName: 'b', ShardCount: 0 });
  expect(await nameOf(none)).toBe('ValidationException');
  const slash = client.createStream({ StreamName: 'b/c', ShardCount: 1 });
  expect(await nameOf(slash)).toBe('ValidationException');
});

it('knows a stream by its ARN too, and says which one is not there', async () => {
  const client = clientOf(await kinesis());
  await client.createStream({ StreamName: 'a', ShardCount: 1 });
  const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/a';
  expect((await client.listShards({ StreamARN })).Shards).toHaveLength(1);
  const other = client.describeStreamSummary({ StreamName: 'b' });
  expect(await nameOf(other)).toBe('ResourceNotFoundException');
  expect(await messageOf(other)).toBe('Stream b under account 000000000000 not found.');
  expect(await nameOf(client.listShards({}))).toBe('InvalidArgumentException');
});

it('says of a stream that it is being made, changed or deleted until the time is over', async () => {
  const emulator = await kinesis({ changeMs: 1_000 });
  const client = clientOf(emulator);
  const StreamName = 'a';
  const status = async () =>
    (await client.describeStreamSummary({ StreamName })).StreamDescriptionSummary!.StreamStatus;
  const half = { ShardToSplit: idOf(0), NewStartingHashKey: '1000' };
  await client.createStream({ StreamName, ShardCount: 1 });
  expect(await status()).toBe('CREATING');
  expect((await client.describeStream({ StreamName })).StreamDescription!.Shards).toEqual([]);
  expect(await nameOf(client.listShards({ StreamName }))).toBe('ResourceNotFoundException');
  const again = client.createStream({ StreamName, ShardCount: 1 });
  expect(await nameOf(again)).toBe('ResourceInUseException');
  emulator.advance(1_000);
  expect(await status()).toBe('ACTIVE');
  await client.splitShard({ StreamName, ...half });
  expect(await status()).toBe('UPDATING');
  expect(ids((await client.listShards({ StreamName })).Shards)).toEqual([0]);
  const busy = client.splitShard({ StreamName, ...half });
  expect(await nameOf(busy)).toBe('ResourceInUseException');
  emulator.advance(1_000);
  expect(ids((await client.listShards({ StreamName })).Shards)).toEqual([0, 1, 2]);
  const { StreamDescriptionSummary } = await client.describeStreamSummary({ StreamName });
  expect(StreamDescriptionSummary!.OpenShardCount).toBe(2);
  await client.deleteStream({ StreamName });
  expect(await status()).toBe('DELETING');
  emulator.advance(1_000);
  expect(await nameOf(status())).toBe('ResourceNotFoundException');
});

it('takes a stream that is made anew for another one', async () => {
  const emulator = await kinesis();
  const client = clientOf(emulator);
  await client.createStream({ StreamName: 'a', ShardCount: 1 });
  const old = await iterator(client, 'a');
  emulator.advance(1);
  await client.deleteStream({ StreamName: 'a' });
  await client.createStream({ StreamName: 'a', ShardCount: 1 });
  const call = client.getRecords({ ShardIterator: old });
  expect(await nameOf(call)).toBe('ResourceNotFoundException');
});

it('lists and describes shards in pages', async () => {
  const emulator = await kinesis();
  const client = clientOf(emulator);
  const StreamName = 'a';
  await client.createStream({ StreamName, ShardCount: 5 });
  const first = await client.listShards({ StreamName, MaxResults: 2 });
  const second = await client.listShards({ NextToken: first.NextToken, MaxResults: 2 });
  const third = await client.listShards({ NextToken: second.NextToken });
  expect([first, second, third].map(({ Shards }) => ids(Shards))).toEqual([[0, 1], [2, 3], [4]]);
  expect(third.NextToken).toBeUndefined();
  const from = await client.listShards({ StreamName, ExclusiveStartShardId: idOf(2) });
  expect(ids(from.Shards)).toEqual([3, 4]);
  const page = await client.describeStream({
    StreamName,
    Limit: 2,
    ExclusiveStartShardId: idOf(1),
  });
  expect(ids(page.StreamDescription!.Shards)).toEqual([2, 3]);
  expect(page.StreamDescription!.HasMoreShards).toBe(true);

  const both = client.listShards({ StreamName, NextToken: first.NextToken });
  expect(await nameOf(both)).toBe('InvalidArgumentException');
  for (const NextToken of ['?', 'bnVsbA==', 'e30=']) {
    expect(await nameOf(client.listShards({ NextToken }))).toBe('InvalidArgumentException');
  }
  emulator.advance(300_001);
  const late = client.listShards({ NextToken: first.NextToken });
  expect(await nameOf(late)).toBe('ExpiredNextTokenException');
});

it('lists the shards of a time', async () => {
  let now = 1_700_000_000_000;
  const client = clientOf(await kinesis({ now: () => now }));
  const StreamName = 'a';
  const made = now;
  await client.createStream({ StreamName, ShardCount: 2 });
  const list = async (Type: ShardFilter['Type'], more: Partial<ShardFilter> = {}) => {
    const answer = await client.listShards({ StreamName, ShardFilter: { Type, ...more } });
    return ids(answer.Shards);
  };
  now += 3_600_000;
  await client.splitShard({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: '1000' });
  const split = now;
  now += 3_600_000;
  expect(await list('AT_LATEST')).toEqual([1, 2, 3]);
  expect(await list('FROM_TRIM_HORIZON')).toEqual([0, 1, 2, 3]);
  expect(await list('AT_TRIM_HORIZON')).toEqual([0, 1]);
  expect(await list('AT_TIMESTAMP', { Timestamp: new Date(made) })).toEqual([0, 1]);
  expect(await list('AT_TIMESTAMP', { Timestamp: new Date(split) })).toEqual([0, 1, 2, 3]);
  expect(await list('AT_TIMESTAMP', { Timestamp: new Date(split + 1) })).toEqual([1, 2, 3]);
  expect(await list('FROM_TIMESTAMP', { Timestamp: new Date(made) })).toEqual([0, 1, 2, 3]);
  expect(await list('FROM_TIMESTAMP', { Timestamp: new Date(split + 1) })).toEqual([1, 2, 3]);
  expect(await list('AFTER_SHARD_ID', { ShardId: idOf(1) })).toEqual([2, 3]);
  expect(await nameOf(list('AT_TIMESTAMP'))).toBe('InvalidArgumentException');
  expect(await nameOf(list('AFTER_SHARD_ID'))).toBe('InvalidArgumentException');
  const paged = await client.listShards({
    StreamName,
    MaxResults: 1,
    ShardFilter: { Type: 'AT_TRIM_HORIZON' },
  });
  expect(ids((await client.listShards({ NextToken: paged.NextToken })).Shards)).toEqual([1]);
  now = split + 24 * 3_600_000 + 1;
  expect(await list('FROM_TRIM_HORIZON')).toEqual([1, 2, 3]);
  expect(ids((await client.listShards({ StreamName })).Shards)).toEqual([1, 2, 3]);
});

it('keeps records longer when it is told so, and never shorter', async () => {
  const client = clientOf(await kinesis());
  const StreamName = 'a';
  await client.createStream({ StreamName, ShardCount: 1 });
  const increase = (RetentionPeriodHours: number) =>
    client.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours });
  await increase(48);
  const { StreamDescription } = await client.describeStream({ StreamName });
  expect(StreamDescription!.RetentionPeriodHours).toBe(48);
  expect(await nameOf(increase(47))).toBe('InvalidArgumentException');
  expect(await nameOf(increase(8_761))).toBe('ValidationException');
});
