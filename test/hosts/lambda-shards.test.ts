import { MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveries, mapped, recordsOf } from './lambda-fixture/mapped.ts';
import {
  createStream,
  type LambdaStage,
  put,
  startLambdaScene,
  startLambdaStage,
} from './lambda-fixture/stage.ts';

let stage: LambdaStage;
beforeAll(async () => {
  stage = await startLambdaStage();
});
afterAll(() => stage.stop());

describe('a batch that comes twice', () => {
  it('by duplicate, comes again after it was processed', async () => {
    const scene = await mapped(stage, 'ab', {}, ({ host }) =>
      host.inject({ kind: 'duplicate', functionName: 'app' }),
    );
    await scene.done('b');
    expect(deliveries(scene)).toEqual(['ab', 'ab']);
  });

  it('by two owners, is with both at the same time', async () => {
    const scene = await mapped(stage, 'ab', {}, ({ host, control }) => {
      host.inject({ kind: 'two-owners', partition: 'shardId-000000000000' });
      const both = Promise.withResolvers<void>();
      control.onCall = async () => {
        if (control.calls.length === 2) both.resolve();
        await both.promise;
        return {};
      };
    });
    await scene.done('b');
    expect(deliveries(scene)).toEqual(['ab', 'ab']);
    expect(new Set(scene.control.calls.map(({ pid }) => pid)).size).toBe(2);
  });

  it('with a second owner, comes from the oldest record on, or from the checkpoint', async () => {
    const scene = await mapped(stage, 'abc', { BatchSize: 2 });
    await scene.done('c');
    const { length } = scene.control.calls;
    await scene.mapping.secondOwner('shardId-000000000000', 'TRIM_HORIZON');
    expect(deliveries(scene).slice(length)).toEqual(['ab', 'c']);
    await scene.mapping.secondOwner('shardId-000000000000', 'checkpoint');
    expect(deliveries(scene)).toHaveLength(length + 2);
  });
});

describe('shards', () => {
  it('that were split or merged are processed whole before their children', async () => {
    const scene = await startLambdaScene(stage);
    const { name: StreamName, arn } = await createStream(stage);
    await put(stage, StreamName, [
      ['key', 'a'],
      ['key', 'b'],
    ]);
    const half = (2n ** 127n).toString();
    const parent = 'shardId-000000000000';
    await stage.kinesis.send(
      new SplitShardCommand({ StreamName, ShardToSplit: parent, NewStartingHashKey: half }),
    );
    await put(
      stage,
      StreamName,
      [...'cdefgh'].map((letter) => [letter, letter]),
    );
    let first = true;
    scene.control.onCall = () => {
      const reply = first ? ({ does: 'throw' } as const) : {};
      first = false;
      return reply;
    };
    await scene.host.mapStream({
      ...{
        FunctionName: 'app',
        EventSourceArn: arn,
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 1,
      },
    });
    await scene.events.until('checkpoint', () => true, 8);
    await stage.kinesis.send(
      new MergeShardsCommand({
        ...{ StreamName, ShardToMerge: 'shardId-000000000001' },
        AdjacentShardToMerge: 'shardId-000000000002',
      }),
    );
    await put(stage, StreamName, [['key', 'i']]);
    await scene.events.until('checkpoint', () => true, 9);
    const shards = scene.control.calls
      .flatMap(recordsOf)
      .map(({ eventID }) => eventID.split(':')[0]!.slice(-1));
    expect(shards.slice(0, 3)).toEqual(['0', '0', '0']);
    expect(new Set(shards.slice(3, 9))).toEqual(new Set(['1', '2']));
    expect(shards.at(-1)).toBe('3');
    const told = scene.events
      .of('shard')
      .map(({ partition, state }) => `${partition.slice(-1)} ${state}`);
    expect(told.indexOf('0 ended')).toBeLessThan(told.indexOf('1 started'));
    expect(told.indexOf('3 started')).toBeGreaterThan(told.indexOf('1 ended'));
    expect(told.indexOf('3 started')).toBeGreaterThan(told.indexOf('2 ended'));
  });

  it('that fail are no trouble to the others, and reads that fail none to anybody', async () => {
    const scene = await startLambdaScene(stage);
    const { name, arn } = await createStream(stage, 2);
    await put(
      stage,
      name,
      [...'abcdefgh'].map((letter) => [letter, letter]),
    );
    let refusals = 3;
    stage.emulator.onRequest = (operation) => {
      if (operation !== 'GetRecords' || refusals === 0) return null;
      refusals -= 1;
      return { error: 'ProvisionedThroughputExceededException' };
    };
    scene.control.onCall = (call) =>
      recordsOf(call)[0]!.eventID.startsWith('shardId-000000000000') ? { does: 'throw' } : {};
    await scene.host.mapStream({
      ...{ FunctionName: 'app', EventSourceArn: arn, StartingPosition: 'TRIM_HORIZON' },
    });
    const { partition } = await scene.events.until('checkpoint');
    stage.emulator.onRequest = () => null;
    expect(partition).toBe('shardId-000000000001');
    expect(scene.events.of('trouble')).toHaveLength(3);
  });
});
