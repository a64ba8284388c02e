import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LambdaCall } from './lambda-fixture/report.ts';
import {
  createQueue,
  type LambdaStage,
  startLambdaScene,
  startLambdaStage,
} from './lambda-fixture/stage.ts';

let stage: LambdaStage;
beforeAll(async () => {
  stage = await startLambdaStage();
});
afterAll(() => stage.stop());

interface MessageRecord {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

const recordsOf = ({ event }: LambdaCall) => (event as { Records: MessageRecord[] }).Records;
const bodiesOf = (call: LambdaCall) =>
  recordsOf(call)
    .map(({ body }) => body)
    .sort();

async function setScene(bodies: readonly string[]) {
  const scene = await startLambdaScene(stage);
  const { url: QueueUrl, arn: EventSourceArn } = await createQueue(stage);
  const Entries = bodies.map((MessageBody) => ({ Id: MessageBody, MessageBody }));
  await stage.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  return { ...scene, given: { FunctionName: 'app', EventSourceArn } };
}

describe('a mapping of a queue', () => {
  it('removes what is not reported, and delivers the others again when they are visible', async () => {
    const { host, control, events, given } = await setScene(['a', 'b', 'c']);
    control.onCall = (call) => {
      const failed = recordsOf(call).filter(({ body }) => body === 'b');
      const batchItemFailures = failed.map(({ messageId }) => ({ itemIdentifier: messageId }));
      return { answer: control.calls.length === 1 ? { batchItemFailures } : {} };
    };
    await host.mapQueue({ ...given, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await events.until('invocation');
    await stage.fauxqs.advance(31_000);
    await events.until('invocation', () => true, 2);
    expect(control.calls.map(bodiesOf)).toEqual([['a', 'b', 'c'], ['b']]);
    expect(recordsOf(control.calls[1]!)[0]!.attributes.ApproximateReceiveCount).toBe('2');
  });

  it.each(['fail-before', 'lose-response', 'kill'] as const)(
    'leaves messages where they are by %s',
    async (kind) => {
      const { host, control, events, given } = await setScene(['a']);
      host.inject({ kind });
      await host.mapQueue(given);
      await events.until('invocation');
      await stage.fauxqs.advance(31_000);
      await events.until('invocation', ({ error }) => error === null);
      expect(bodiesOf(control.calls.at(-1)!)).toEqual(['a']);
      expect(recordsOf(control.calls.at(-1)!)[0]!.attributes.ApproximateReceiveCount).toBe('2');
    },
  );
});

describe('a schedule', () => {
  it('invokes a function when it is fired, with the event of its rule', async () => {
    const { host, control } = await startLambdaScene(stage);
    const schedule = host.schedule('app', 'rate(5 minutes)');
    expect((await schedule.fire()).functionError).toBeNull();
    expect(control.calls[0]!.event).toMatchObject({
      ...{ 'detail-type': 'Scheduled Event', source: 'aws.events', account: '000000000000' },
      ...{ region: 'us-east-1', detail: {}, version: '0' },
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      resources: ['arn:aws:events:us-east-1:000000000000:rule/app'],
    });
  });

  it('fires by its rate once it is started, whatever came of the time before', async () => {
    const waits: number[] = [];
    const { host, control } = await startLambdaScene(stage, {
      wait: async (ms) => {
        waits.push(ms);
      },
    });
    control.onCall = () => (control.calls.length === 1 ? { does: 'throw' } : {});
    const schedule = host.schedule('app', 'rate(5 minutes)');
    schedule.start();
    await control.until(() => true, 3);
    await schedule.stop();
    expect(new Set(waits)).toEqual(new Set([300_000]));
    expect(() => host.schedule('app', 'cron(0 * * * ? *)')).toThrow('not reproduced');
  });
});
