import { expect, it } from 'vitest';
import { clientOf, idOf, iterator, kinesis, nameOf, put, textOf } from './kinesis-clients.ts';

const StreamName = 'a';
const half = String(1n << 127n);

async function stream(shards = 1) {
  const emulator = await kinesis();
  const client = clientOf(emulator);
  await client.createStream({ StreamName, ShardCount: shards });
  return { emulator, client };
}

it('ends a shard that was split with an answer that names its children, whose numbers are higher', async () => {
  const { emulator, client } = await stream();
  const [a] = await put(client, StreamName, 'a');
  await client.splitShard({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: half });
  const later = await put(client, StreamName, 'b', 'c');
  emulator.advance(5_000);
  const first = await client.getRecords({ ShardIterator: await iterator(client, StreamName) });
  expect(first.Records!.map(textOf)).toEqual(['a']);
  expect(first.ChildShards).toBeUndefined();
  const last = await client.getRecords({ ShardIterator: first.NextShardIterator });
  expect(last).toMatchObject({ Records: [] });
  expect(last.NextShardIterator).toBeUndefined();
  expect(last.MillisBehindLatest).toBeGreaterThanOrEqual(5_000);
  expect(last.ChildShards!.map(({ ShardId, ParentShards }) => [ShardId, ParentShards])).toEqual([
    [idOf(1), [idOf(0)]],
    [idOf(2), [idOf(0)]],
  ]);
  const { Shards } = await client.listShards({ StreamName });
  const [parent, ...children] = Shards!.map(({ SequenceNumberRange }) => SequenceNumberRange!);
  const end = BigInt(parent!.EndingSequenceNumber!);
  expect(end).toBeGreaterThan(BigInt(a!));
  for (const child of children) {
    expect(BigInt(child.StartingSequenceNumber!)).toBeGreaterThan(end);
    expect(child.EndingSequenceNumber).toBeUndefined();
  }
  for (const number of later) expect(BigInt(number)).toBeGreaterThan(end);
});

it('merges neighbours into a shard with both as parents, and splits it again in the same second', async () => {
  const { client } = await stream(3);
  const merge = (low: number, high: number) =>
    client.mergeShards({
      StreamName,
      ShardToMerge: idOf(low),
      AdjacentShardToMerge: idOf(high),
    });
  expect(await nameOf(merge(0, 2))).toBe('InvalidArgumentException');
  expect(await nameOf(merge(0, 7))).toBe('ResourceNotFoundException');
  await merge(0, 1);
  expect(await nameOf(merge(0, 1))).toBe('InvalidArgumentException');
  const split = { StreamName, ShardToSplit: idOf(3) };
  await client.splitShard({ ...split, NewStartingHashKey: '1000' });
  const { Shards } = await client.listShards({ StreamName });
  expect(Shards![3]).toMatchObject({
    ParentShardId: idOf(0),
    AdjacentParentShardId: idOf(1),
    HashKeyRange: {
      StartingHashKey: '0',
      EndingHashKey: '226854911280625642308916404954512140969',
    },
  });
  expect(Shards!.slice(4).map(({ HashKeyRange }) => HashKeyRange)).toEqual([
    { StartingHashKey: '0', EndingHashKey: '999' },
    { StartingHashKey: '1000', EndingHashKey: '226854911280625642308916404954512140969' },
  ]);
  const [end, start] = [Shards![3]!, Shards![4]!].map(
    ({ SequenceNumberRange }) => SequenceNumberRange!,
  );
  const gap = BigInt(start!.StartingSequenceNumber!) - BigInt(end!.EndingSequenceNumber!);
  expect(gap).toBeGreaterThan(0n);
  for (const ShardId of [idOf(0), idOf(1)]) {
    const ShardIterator = await iterator(client, StreamName, { ShardId });
    const { ChildShards } = await client.getRecords({ ShardIterator });
    expect(ChildShards!.map(({ ParentShards }) => ParentShards)).toEqual([[idOf(0), idOf(1)]]);
  }
});

it('splits a shard only within its hash keys', async () => {
  const { client } = await stream(2);
  const split = (NewStartingHashKey: string | bigint, ShardToSplit = idOf(1)) =>
    nameOf(
      client.splitShard({
        StreamName,
        ShardToSplit,
        NewStartingHashKey: String(NewStartingHashKey),
      }),
    );
  const [first, last] = [1n << 127n, (1n << 128n) - 1n];
  for (const key of [0n, first, first + 1n, last, last + 1n]) {
    expect(await split(key), String(key)).toBe('InvalidArgumentException');
  }
  expect(await split('x')).toBe('ValidationException');
  expect(await split(first, idOf(2))).toBe('ResourceNotFoundException');
  expect(await split(first + 2n)).toBe('no error');
  expect(await split(first + 2n)).toBe('InvalidArgumentException');
});

it('numbers children higher than their parents also when the clock stands still or goes back', async () => {
  let now = 1_700_000_000_000;
  const client = clientOf(await kinesis({ now: () => now }));
  await client.createStream({ StreamName, ShardCount: 16 });
  await put(client, StreamName, ...Array.from({ length: 9 }, (_, i) => `${i}`));
  const split = (shard: number, below: bigint) =>
    client.splitShard({
      StreamName,
      ShardToSplit: idOf(shard),
      NewStartingHashKey: String((1n << 128n) - below),
    });
  await split(15, 10_000n);
  now -= 10_000;
  await split(17, 1_000n);
  const { Shards } = await client.listShards({ StreamName });
  const range = (shard: number) => Shards![shard]!.SequenceNumberRange!;
  const gap = (parent: number, child: number) =>
    BigInt(range(child).StartingSequenceNumber!) - BigInt(range(parent).EndingSequenceNumber!);
  for (const [parent, child] of [
    [15, 16],
    [15, 17],
    [17, 18],
    [17, 19],
  ] as const) {
    expect(gap(parent, child)).toBeGreaterThan(0n);
  }
});
