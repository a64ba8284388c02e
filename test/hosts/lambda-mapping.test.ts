import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveries, mapped, recordsOf, textOf, textsOf } from './lambda-fixture/mapped.ts';
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

describe('a mapping of a stream', () => {
  it('delivers batches in order, one at a time', async () => {
    const scene = await mapped(stage, 'abcde', { BatchSize: 2 });
    await scene.done('e');
    expect(deliveries(scene)).toEqual(['ab', 'cd', 'e']);
    await put(stage, scene.stream.name, [['key', 'f']]);
    await scene.done('f');
    expect(deliveries(scene)).toEqual(['ab', 'cd', 'e', 'f']);
  });

  it('starts where it is told to', async () => {
    const latest = await mapped(stage, 'ab', { StartingPosition: 'LATEST' });
    await put(stage, latest.stream.name, [['key', 'c']]);
    await latest.done('c');
    expect(deliveries(latest)).toEqual(['c']);
    const from = { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 0 };
    const all = await mapped(stage, 'ab', from);
    await all.done('b');
    expect(deliveries(all)).toEqual(['ab']);
    stage.ahead += 10_000;
    const now = (Date.now() + stage.ahead) / 1_000 - 5;
    const some = await mapped(stage, 'c', { ...from, StartingPositionTimestamp: now });
    await some.done('c');
    expect(deliveries(some)).toEqual(['c']);
  });

  it('waits for a window, unless a batch is full before', async () => {
    const stream = await createStream(stage);
    await put(stage, stream.name, [
      ['key', 'a'],
      ['key', 'b'],
    ]);
    const waits: number[] = [];
    const scene = await startLambdaScene(stage, {
      pollMs: 400,
      now: () => Date.now() + waits.reduce((sum, ms) => sum + ms, 0),
      wait: async (ms) => {
        waits.push(ms);
        if (waits.length > 1) return;
        await put(stage, stream.name, [
          ['key', 'c'],
          ['key', 'd'],
        ]);
      },
    });
    await scene.host.mapStream({
      ...{ FunctionName: 'app', EventSourceArn: stream.arn, StartingPosition: 'TRIM_HORIZON' },
      ...{ BatchSize: 3, MaximumBatchingWindowInSeconds: 300 },
    });
    await scene.events.until('checkpoint', () => true, 2);
    expect(deliveries(scene)).toEqual(['abc', 'd']);
    // One for what was still missing, the others for what never came.
    const overMs = waits.slice(1).reduce((sum, ms) => sum + ms, 0);
    expect(overMs).toBeGreaterThan(290_000);
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
    const scene = await mapped(stage, 'ab');
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
    const scene = await mapped(stage, 'ab', {}, failing('a'));
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
    const scene = await mapped(stage, 'abcdef', bisecting, failing('c'));
    await scene.done('f');
    expect(deliveries(scene)).toEqual(['abcdef', 'abc', 'ab', 'c', 'c', 'def']);
    expect(scene.events.of('discarded')).toMatchObject([
      { condition: 'RetryAttemptsExhausted', records: 1 },
    ]);
  });

  it('is rewound to the first record that is reported, and only as far', async () => {
    const scene = await mapped(
      stage,
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
    const scene = await mapped(stage, 'ab', {}, ({ host }) => host.inject({ kind: 'time-out' }));
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
      const runs = kind === 'fail-before' ? 0 : 1;
      const once = { MaximumRetryAttempts: 1 };
      const scene = await mapped(stage, 'ab', once, ({ host, control }) => {
        host.inject({ kind });
        control.onCall = () => (control.calls.length === runs + 1 ? { does: 'throw' } : {});
      });
      await scene.events.until('checkpoint');
      expect(deliveries(scene)).toEqual(Array(runs + 2).fill('ab'));
      expect(scene.events.of('discarded')).toEqual([]);
    },
  );
});
