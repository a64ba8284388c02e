import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { onTestFinished } from 'vitest';
import { type Fauxqs, startFauxqs } from '../../emulators/fauxqs.ts';
import { type Kinesis, startKinesis } from '../../emulators/kinesis.ts';
import { ControlServer } from '../control-server.ts';
import { LambdaRecorder } from '../lambda/lambda-events.ts';
import { type FunctionOptions, LambdaHost, type LambdaHostOptions } from '../lambda-host.ts';
import { realWait, type Wait } from '../wait.ts';
import type { LambdaCall, LambdaReply } from './report.ts';

/** The emulators that the tests of a file share, and clients of them. */
export interface LambdaStage {
  readonly emulator: Kinesis;
  readonly fauxqs: Fauxqs;
  readonly kinesis: KinesisClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  /** How far the time of the stream, and of all hosts, is ahead; milliseconds. */
  ahead: number;
  readonly stop: () => Promise<void>;
}

/** A host of the fixture app and a test's end of the line to it. */
export interface LambdaScene {
  readonly control: ControlServer<LambdaCall, LambdaReply>;
  readonly host: LambdaHost;
  readonly events: LambdaRecorder;
  /** Time as the host sees it: what it waits for is over at once, and the clock shows it. */
  readonly clock: { ahead: number };
}

/** How a host is started; functions are the handler `app.handle` where they don't say another. */
export interface SceneOptions extends Partial<Omit<LambdaHostOptions, 'functions'>> {
  readonly functions?: Readonly<Record<string, Partial<FunctionOptions>>>;
}

/** Time passes for the host as soon as it waits. */
function quick(clock: { ahead: number }): Wait {
  return (ms, signal) => {
    clock.ahead += ms;
    return realWait(Math.min(ms, 1), signal);
  };
}

export async function startLambdaStage(): Promise<LambdaStage> {
  const now = () => Date.now() + stage.ahead;
  const [emulator, fauxqs] = await Promise.all([startKinesis({ now }), startFauxqs()]);
  const common = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  };
  const { endpoint } = fauxqs;
  const kinesis = new KinesisClient({ ...common, endpoint: emulator.endpoint });
  const sqs = new SQSClient({ ...common, endpoint });
  const s3 = new S3Client({ ...common, endpoint, forcePathStyle: true });
  const stop = async () => {
    for (const client of [kinesis, sqs, s3]) client.destroy();
    await Promise.all([emulator.stop(), fauxqs.stop()]);
  };
  const stage: LambdaStage = { emulator, fauxqs, kinesis, sqs, s3, ahead: 0, stop };
  return stage;
}

/** A host for the running test, with a function `app` and whatever else is asked for. */
export async function startLambdaScene(
  stage: LambdaStage,
  options: SceneOptions = {},
): Promise<LambdaScene> {
  const { kinesis, sqs, s3 } = stage;
  const control = new ControlServer<LambdaCall, LambdaReply>({});
  await control.start();
  const events = new LambdaRecorder();
  const clock = { ahead: 0 };
  const { functions = { app: {} }, ...others } = options;
  const host = await LambdaHost.start({
    ...{ kinesis, sqs, s3, pollMs: 10, wait: quick(clock) },
    now: () => Date.now() + stage.ahead + clock.ahead,
    ...{ onEvent: events.onEvent, ...others },
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, { environment = {}, ...given }]) => [
        name,
        {
          ...{ taskRoot: import.meta.dirname, handler: 'app.handle', timeoutSeconds: 30, ...given },
          environment: { CONTROL_URL: control.url, ...environment },
        },
      ]),
    ),
  });
  onTestFinished(async () => {
    await host.kill();
    await control.stop();
  });
  return { control, host, events, clock };
}

let names = 0;

/** Creates a stream; gives its name and ARN. */
export async function createStream(
  { kinesis }: LambdaStage,
  shards = 1,
): Promise<{ readonly name: string; readonly arn: string }> {
  names += 1;
  const StreamName = `stream-${names}`;
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: shards }));
  const request = new DescribeStreamSummaryCommand({ StreamName });
  const { StreamDescriptionSummary } = await kinesis.send(request);
  return { name: StreamName, arn: StreamDescriptionSummary!.StreamARN! };
}

/** Puts records with their partition keys. */
export async function put(
  { kinesis }: LambdaStage,
  StreamName: string,
  records: readonly (readonly [key: string, data: string])[],
): Promise<void> {
  const Records = records.map(([PartitionKey, data]) => ({
    PartitionKey,
    Data: Buffer.from(data),
  }));
  await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
}

/** Creates a queue; gives its URL and ARN. */
export async function createQueue(
  { sqs }: LambdaStage,
  Attributes: Record<string, string> = {},
): Promise<{ readonly url: string; readonly arn: string }> {
  names += 1;
  const QueueName = `queue-${names}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const AttributeNames = ['QueueArn' as const];
  const got = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: QueueUrl!, AttributeNames }),
  );
  return { url: QueueUrl!, arn: got.Attributes!['QueueArn']! };
}
