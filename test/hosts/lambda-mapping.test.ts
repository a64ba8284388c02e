import { MergeShardsCommand, PutRecordsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MappingProperties } from './lambda/mapping-settings.ts';
import type { LambdaCall } from './lambda-fixture/report.ts';
import {
  createStream,
  type LambdaScene,
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

interface Record {
  readonly eventID: string;
  readonly kinesis: { readonly data: string; readonly sequenceNumber: string };
}

const recordsOf = ({ event }: LambdaCall) => (event as { Records: Record[] }).Records;
const textOf = ({ kinesis }: Record) => Buffer.from(kinesis.data, 'base64').toString();
const textsOf = (call: LambdaCall) => recordsOf(call).map(textOf).join('');
const deliveries = ({ control }: LambdaScene) => control.calls.map(textsOf);

/** A stream that holds a record for each letter, and a scene with a mapping of it. */
async function mapped(
  letters: string,
  properties: Partial<MappingProperties> = {},
  before = (_: LambdaScene) => {},
) {
  const scene = await startLambdaScene(stage);
  const stream = await createStream(stage);
  await put(
    stage,
    stream.name,
    [...letters].map((letter) => ['key', letter]),
  );
  before(scene);
  const given = {
    FunctionName: 'app',
    EventSourceArn: stream.arn,
    StartingPosition: 'TRIM_HORIZON',
  };
  const mapping = await scene.host.mapStream({ ...given, ...properties });
  /** Resolves when the record of a letter is done with. */
  const done = (letter: string) =>
    scene.events.until('checkpoint', ({ sequenceNumber }) => {
      const all = scene.control.calls.flatMap(recordsOf);
      return all.some(
        (each) => textOf(each) === letter && each.kinesis.sequenceNumber === sequenceNumber,
      );
    });
  return { ...scene, stream, mapping, done };
}

describe('a mapping of a stream', () => {
  it('delivers batches in order, one at a time', async () => {
    const scene = await mapped('abcde', { BatchSize: 2 });
    await scene.done('e');
    expect(deliveries(scene)).toEqual(['ab', 'cd', 'e']);
    await put(stage, scene.stream.name, [['key', 'f']]);
    await scene.done('f');
    expect(deliveries(scene)).toEqual(['ab', 'cd', 'e', 'f']);
  });

  it('starts where it is told to', async () => {
    const latest = await mapped('ab', { StartingPosition: 'LATEST' });
    await put(stage, latest.stream.name, [['key', 'c']]);
    await latest.done('c');
    expect(deliveries(latest)).toEqual(['c']);
    const from = { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 0 };
    const all = await mapped('ab', from);
    await all.done('b');
    expect(deliveries(all)).toEqual(['ab']);
    stage.ahead += 10_000;
    const now = (Date.now() + stage.ahead) / 1_000 - 5;
    const some = await mapped('c', { ...from, StartingPositionTimestamp: now });
    await some.done('c');
    expect(deliveries(some)).toEqual(['c']);
  });

  it('waits for a window, unless a batch is full before', async () => {
    const scene = await mapped(
      'ab',
      { BatchSize: 3, MaximumBatchingWindowInSeconds: 300 },
      ({ host }) => {
        host.inject({ kind: 'fail-before', functionName: 'other' });
      },
    );
    await put(stage, scene.stream.name, [
      ['key', 'c'],
      ['key', 'd'],
    ]);
    await scene.done('d');
    expect(deliveries(scene).join('|')).toMatch(/^(abc\|d|ab\|cd)$/);
  });

  it('fills a payload with up to 6 MB', async () => {
    const scene = await startLambdaScene(stage);
    const { name: StreamName, arn } = await createStream(stage);
    const Data = Buffer.alloc(1_000_000);
    for (let from = 0; from < 8; from += 4) {
      const Records = Array.from({ length: 4 }, () => ({ PartitionKey: 'key', Data }));
      await stage.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    }
    const given = { FunctionName: 'app', EventSourceArn: arn, StartingPosition: 'TRIM_HORIZON' };
    await scene.host.mapStream(given);
    await scene.events.until('checkpoint', () => true, 2);
    expect(scene.control.calls.map((call) => recordsOf(call).length)).toEqual([4, 4]);
  });

  it('goes on where it was, whatever becomes of sandboxes, and after it was stopped', async () => {
    const scene = await mapped('ab');
    await scene.done('b');
    await scene.host.killSandboxes();
    await put(stage, scene.stream.name, [['key', 'c']]);
    await scene.done('c');
    await scene.mapping.stop();
    await put(stage, scene.stream.name, [['key', 'd']]);
    await scene.mapping.start();
    await scene.done('d');
    expect(deliveries(scene)).toEqual(['ab', 'c', 'd']);
  });

  it('refuses what is not reproduced, and what the service refuses', async () => {
    const { host } = await startLambdaScene(stage);
    const { arn } = await createStream(stage);
    const given = { FunctionName: 'app', EventSourceArn: arn, StartingPosition: 'LATEST' };
    for (const other of [
      { ParallelizationFactor: 2 },
      { TumblingWindowInSeconds: 30 },
      { StartingPosition: 'FIRST' },
      { Unheard: 1 },
    ]) {
      await expect(host.mapStream({ ...given, ...other })).rejects.toThrow();
    }
    await host.mapStream({ ...given, ParallelizationFactor: 1, TumblingWindowInSeconds: 0 });
  });
});

describe('a batch that fails', () => {
  const failing =
    (letter: string) =>
    ({ control }: LambdaScene) => {
      control.onCall = (call) => (textsOf(call).includes(letter) ? { does: 'throw' } : {});
    };

  it('comes again for ever, and holds up its shard', async () => {
    const scene = await mapped('ab', {}, failing('a'));
    await scene.events.until('retry', ({ failures }) => failures === 9);
    expect(new Set(deliveries(scene))).toEqual(new Set(['ab']));
    const delays = scene.events.of('retry').map(({ delayMs }) => delayMs);
    expect(delays.slice(0, 9)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]);
    scene.control.onCall = () => ({});
    await scene.done('b');
  });

  it('is bisected down to the record that fails, which costs no retries', async () => {
    const bisecting = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1 };
    const scene = await mapped('abcdef', bisecting, failing('c'));
    await scene.done('f');
    expect(deliveries(scene)).toEqual(['abcdef', 'abc', 'ab', 'c', 'c', 'def']);
    expect(scene.events.of('discarded')).toMatchObject([
      { condition: 'RetryAttemptsExhausted', records: 1 },
    ]);
  });

  it('is rewound to the first record that is reported, and only as far', async () => {
    const scene = await mapped(
      'abcd',
      { FunctionResponseTypes: ['ReportBatchItemFailures'] },
      ({ control }) => {
        control.onCall = (call) => {
          if (control.calls.length > 1) return {};
          const failed = recordsOf(call).filter((each) => 'db'.includes(textOf(each)));
          const batchItemFailures = failed
            .reverse()
            .map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber }));
          return { answer: { batchItemFailures } };
        };
      },
    );
    await scene.done('d');
    expect(deliveries(scene)).toEqual(['abcd', 'bcd']);
  });

  it('that times out comes again, in a sandbox of its own', async () => {
    const scene = await mapped('ab', {}, ({ host }) => host.inject({ kind: 'time-out' }));
    await scene.done('b');
    expect(scene.events.of('sandbox').map(({ state }) => state)).toEqual([
      'started',
      'ended',
      'started',
    ]);
    expect(scene.events.of('retry')).toHaveLength(1);
  });

  it.each(['fail-before', 'lose-response'] as const)(
    'by %s comes again, and no failure of the function is counted',
    async (kind) => {
      const once = { MaximumRetryAttempts: 0 };
      const scene = await mapped('ab', once, ({ host }) => host.inject({ kind }));
      await scene.done('b');
      expect(deliveries(scene)).toEqual(kind === 'fail-before' ? ['ab'] : ['ab', 'ab']);
      expect(scene.events.of('discarded')).toEqual([]);
    },
  );
});

describe('a batch that comes twice', () => {
  it('by duplicate, comes again after it was processed', async () => {
    const scene = await mapped('ab', {}, ({ host }) =>
      host.inject({ kind: 'duplicate', functionName: 'app' }),
    );
    await scene.done('b');
    expect(deliveries(scene)).toEqual(['ab', 'ab']);
  });

  it('by two owners, is with both at the same time', async () => {
    const scene = await mapped('ab', {}, ({ host, control }) => {
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
    const scene = await mapped('abc', { BatchSize: 2 });
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
