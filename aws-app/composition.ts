import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Container } from 'inversify';
import { awsClientOptions } from '../adapters/aws/client-options.ts';
import { DynamoDbStateStore } from '../adapters/aws/dynamodb-state-store.ts';
import { emfLine } from '../adapters/aws/emf-line.ts';
import { KinesisEventPublisher } from '../adapters/aws/kinesis-event-publisher.ts';
import { KinesisStreamReader } from '../adapters/aws/kinesis-stream-reader.ts';
import { S3ObjectStore } from '../adapters/aws/s3-object-store.ts';
import { SqsMessageQueue } from '../adapters/aws/sqs-message-queue.ts';
import { compression } from '../adapters/compression.ts';
import { LogTelemetry } from '../adapters/log-telemetry.ts';
import { QueueResultSink } from '../adapters/sinks/queue-result-sink.ts';
import { StreamResultSink } from '../adapters/sinks/stream-result-sink.ts';
import { WebhookResultSink } from '../adapters/sinks/webhook-result-sink.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { usageRules } from '../adapters/usage-rules.ts';
import { type Engine, engineOf } from '../core/engine.ts';
import type { Sinks } from '../core/finals/publishing.ts';
import { Clock } from '../core/ports/clock.ts';
import { EventPublisher } from '../core/ports/event-publisher.ts';
import { MessageQueue } from '../core/ports/message-queue.ts';
import { ObjectStore } from '../core/ports/object-store.ts';
import type { ResultSink } from '../core/ports/result-sink.ts';
import { StateStore } from '../core/ports/state-store.ts';
import { StreamReader } from '../core/ports/stream-reader.ts';
import { Telemetry } from '../core/ports/telemetry.ts';
import { PackingPublisher } from '../core/publish/packing-publisher.ts';
import type { AwsConfig } from './config.ts';

/** The parts of a Millrace on AWS, put together. */
export interface App extends Engine {
  readonly config: AwsConfig;
  readonly publisher: PackingPublisher;
  readonly clock: Clock;
  readonly telemetry: LogTelemetry;
}

/** What the clients share: no retries, since the core retries within the time that a batch has. */
const once = awsClientOptions({ requestMs: 5_000 });
/** Objects may be large, and their time begins before they are sent. */
const largeOnce = awsClientOptions({ requestMs: 10_000 });
/** The stream is asked for an answer's lag at most so often, milliseconds. */
const lagMs = 15_000;
/** Who sends events must hear that the stream takes none, while the function has time left to say so, milliseconds. */
const publishMsMax = 15_000;
const figuresSeconds = 60;

/** Puts a Millrace on AWS together. It connects when it is first used. */
export function compose(config: AwsConfig): App {
  const container = new Container({ defaultScope: 'Singleton' });
  const clock = new SystemClock();
  const telemetry = new LogTelemetry({
    clock,
    // Not `console`, which puts words before it: CloudWatch takes figures from lines that are JSON alone.
    write: (line) => process.stdout.write(`${line}\n`),
    format: (figures) => emfLine(config.metricsNamespace, figures, clock.now()),
    everySeconds: figuresSeconds,
  });
  container.bind(Clock).toConstantValue(clock);
  container.bind(Telemetry).toConstantValue(telemetry);
  bindStream(container, config);
  bindStores(container, config);
  container
    .bind(PackingPublisher)
    .toResolvedValue(
      (publisher, clock) =>
        new PackingPublisher(
          { publisher, clock, compression, random: Math.random },
          { bucketCount: config.bucketCount, packLingerMs: config.packLingerMs, publishMsMax },
        ),
      [EventPublisher, Clock],
    );
  const engine = engineOf({
    ...config,
    ...{ clock, telemetry, compression, lagMs, idle: 'clock', random: Math.random },
    usageRules,
    stream: container.get(StreamReader),
    store: container.get(StateStore),
    objects: container.get(ObjectStore),
    notices: container.get(MessageQueue),
    sinks: sinksOf(container, config),
  });
  const publisher = container.get(PackingPublisher);
  return { ...engine, ...{ config, publisher, clock, telemetry } };
}

/** A sink's queue is named by its address, its stream by its name. */
function sinksOf(container: Container, { sinks, bucketCount }: AwsConfig): Sinks {
  const clock = container.get(Clock);
  const made = Object.entries(sinks).map(([name, sink]): [string, ResultSink] => {
    if (sink.kind === 'webhook') return [name, new WebhookResultSink(sink, clock)];
    if (sink.kind === 'stream') {
      const publisher = new KinesisEventPublisher(kinesisClient(), sink.place);
      return [name, new StreamResultSink(publisher, bucketCount)];
    }
    const queue = new SqsMessageQueue(new SQSClient(once), sink.place);
    return [name, new QueueResultSink(queue, container.get(ObjectStore))];
  });
  return new Map(made);
}

/** HTTP/1, since the emulators speak nothing else in the clear. */
function kinesisClient(): KinesisClient {
  const requestHandler = new NodeHttpHandler(once.requestHandler);
  return new KinesisClient({ ...once, requestHandler });
}

function bindStream(container: Container, { stream }: AwsConfig): void {
  const kinesis = kinesisClient();
  container.bind(EventPublisher).toResolvedValue(() => new KinesisEventPublisher(kinesis, stream));
  container.bind(StreamReader).toResolvedValue(() => new KinesisStreamReader(kinesis, stream));
}

function bindStores(
  container: Container,
  { stateTable, objectsBucket, objectsPathStyle, noticesQueue }: AwsConfig,
): void {
  const dynamoDb = new DynamoDBClient(once);
  const s3 = new S3Client({ ...largeOnce, forcePathStyle: objectsPathStyle });
  const sqs = new SQSClient(once);
  container
    .bind(StateStore)
    .toResolvedValue(
      (telemetry) => new DynamoDbStateStore(dynamoDb, stateTable, telemetry),
      [Telemetry],
    );
  container.bind(ObjectStore).toResolvedValue(() => new S3ObjectStore(s3, objectsBucket));
  container.bind(MessageQueue).toResolvedValue(() => new SqsMessageQueue(sqs, noticesQueue));
}
