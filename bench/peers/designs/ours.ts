import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClientOptions } from '../../../adapters/aws/client-options.ts';
import { DynamoDbStateStore } from '../../../adapters/aws/dynamodb-state-store.ts';
import { emfLine } from '../../../adapters/aws/emf-line.ts';
import { S3ObjectStore } from '../../../adapters/aws/s3-object-store.ts';
import { SqsMessageQueue } from '../../../adapters/aws/sqs-message-queue.ts';
import { compression } from '../../../adapters/compression.ts';
import { LogTelemetry } from '../../../adapters/log-telemetry.ts';
import { MemoryMessageQueue } from '../../../adapters/memory/memory-message-queue.ts';
import { MemoryObjectStore } from '../../../adapters/memory/memory-object-store.ts';
import { MemoryStateStore } from '../../../adapters/memory/memory-state-store.ts';
import { SystemClock } from '../../../adapters/system-clock.ts';
import type { App } from '../../../aws-app/composition.ts';
import { processHandler } from '../../../aws-app/functions/process.ts';
import { type EngineParts, engineOf } from '../../../core/engine.ts';
import { defaultLimits } from '../../../core/limits.ts';
import type { Telemetry } from '../../../core/ports/telemetry.ts';
import type { Reader } from '../../../core/query/reader.ts';
import type { Answer } from '../answer.ts';
import { clicksByMinute } from '../click.ts';
import type { Start } from '../design.ts';
import { clientConfig, makeTable } from '../dynamodb-count-store.ts';
import type { Listening } from '../emulators.ts';
import { OneShard } from './one-shard.ts';

type Stores = Pick<EngineParts, 'store' | 'objects' | 'notices'>;

/** The function of the app for AWS, without the container around it. */
export const start: Start = async (setting) => {
  const clock = new SystemClock();
  const telemetry = new LogTelemetry({
    ...{ clock, everySeconds: 60, write: () => {} },
    format: (figures) => emfLine('peers', figures, clock.now()),
  });
  const { endpoints, name } = setting;
  const stores =
    endpoints === null ? memoryStores(clock) : await awsStores(endpoints, name, telemetry);
  const engine = engineOf({
    ...{ ...stores, clock, telemetry, compression, random: Math.random },
    ...{ pipelines: [clicksByMinute], sinks: new Map(), stream: new OneShard() },
    ...{ limits: defaultLimits, retentionSeconds: 86_400, idle: 'clock', lagMs: 15_000 },
  });
  const handler = processHandler({ ...engine, clock, telemetry } as App);
  const { reader } = engine.served.get(clicksByMinute.name)!;
  return {
    handler: async (event, context) => {
      const { batchItemFailures } = await handler(event, context);
      return { batchItemFailures: [...batchItemFailures] };
    },
    answer: () => answerOf(reader),
  };
};

function memoryStores(clock: SystemClock): Stores {
  return {
    store: new MemoryStateStore(),
    objects: new MemoryObjectStore(),
    notices: new MemoryMessageQueue(clock),
  };
}

async function awsStores(
  endpoints: Listening,
  name: string,
  telemetry: Telemetry,
): Promise<Stores> {
  const region = 'eu-central-1';
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  const options = { ...awsClientOptions({ requestMs: 5_000 }), region, credentials };
  const dynamoDb = new DynamoDBClient({ ...clientConfig(endpoints.dynamoDb), ...options });
  const s3 = new S3Client({ ...options, endpoint: endpoints.objects, forcePathStyle: true });
  const sqs = new SQSClient({ ...options, endpoint: endpoints.objects });
  await makeTable(dynamoDb, name, [
    ['pk', 'S'],
    ['sk', 'S'],
  ]);
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  return {
    store: new DynamoDbStateStore(dynamoDb, name, telemetry),
    objects: new S3ObjectStore(s3, name),
    notices: new SqsMessageQueue(sqs, QueueUrl!),
  };
}

async function answerOf(reader: Reader): Promise<Answer> {
  const { rows, answer } = await reader.read('byPage', { limit: 1 });
  const [pages] = rows.keys;
  const [clicks, spent] = rows.columns;
  const all = Array.from({ length: rows.size }, (_, row) => ({
    page: String(pages?.[row]),
    minute: rows.starts[row] as number,
    clicks: Number(clicks?.result(row)),
    cents: Math.round(Number(spent?.result(row)) * 100),
  }));
  return { rows: all, bad: answer.deadLettered };
}
