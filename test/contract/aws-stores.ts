import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsClientSettings, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { DynamoDbStateStore } from '../../adapters/aws/dynamodb-state-store.ts';
import { S3ObjectStore } from '../../adapters/aws/s3-object-store.ts';
import {
  SqsMessageQueue,
  type SqsMessageQueueOptions,
} from '../../adapters/aws/sqs-message-queue.ts';
import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { startDynamoDb } from '../emulators/dynamodb.ts';
import { FaultyProxy } from '../emulators/faulty-proxy.ts';
import { startFauxqs } from '../emulators/fauxqs.ts';
import { awsAccess, type SignedRequest, throughProxy } from './aws-access.ts';
import { dynamoDbFailures, s3Failures, sqsFailures } from './aws-failures.ts';
import { type Behind, lazy } from './behind-proxy.ts';

/**
 * The adapters of DynamoDB, S3 and SQS, each subject in a table, bucket or queue of its own, over
 * emulators that are started once or, where the environment names them, over services that are
 * there already:
 *
 * - MILLRACE_DYNAMODB_ENDPOINT, MILLRACE_S3_ENDPOINT, MILLRACE_SQS_ENDPOINT: their URLs.
 * - Region and credentials for them as every client of AWS finds them: AWS_REGION and so on.
 */
const clock = new SystemClock();
const fauxqs = lazy(() => startFauxqs());
const dynamoDb = lazy(() => awsAccess('MILLRACE_DYNAMODB_ENDPOINT', startDynamoDb));
const s3 = lazy(() => awsAccess('MILLRACE_S3_ENDPOINT', fauxqs));
const sqs = lazy(() => awsAccess('MILLRACE_SQS_ENDPOINT', fauxqs));

/** How an adapter's client is made, and who sees what it sends. */
interface Making extends AwsClientSettings {
  readonly see?: (request: SignedRequest) => void;
}

/** A DynamoDbStateStore, and what a test may look at besides. */
export async function dynamoDbStateStore(): Promise<
  Behind<DynamoDbStateStore> & {
    readonly client: DynamoDBClient;
    readonly table: string;
    readonly telemetry: MemoryTelemetry;
    /** Another instance, over a client made in its own way. */
    readonly made: (how: Making) => DynamoDbStateStore;
  }
> {
  const access = await dynamoDb();
  const client = new DynamoDBClient(access);
  const table = await newTable(client);
  const proxy = await FaultyProxy.start(access.endpoint);
  const telemetry = new MemoryTelemetry();
  const made = (how: Making) => {
    const own = new DynamoDBClient({ ...access, ...awsClientOptions(how) });
    return new DynamoDbStateStore(throughProxy(own, proxy, how.see), table, telemetry);
  };
  return {
    port: made({}),
    another: () => made({}),
    failures: dynamoDbFailures(proxy),
    pass: async () => undefined,
    cleanup: async () => {
      await proxy.close();
      await client.send(new DeleteTableCommand({ TableName: table }));
      client.destroy();
    },
    ...{ proxy, client, table, telemetry, made },
  };
}

/** A table as the adapter asks for. */
async function newTable(client: DynamoDBClient): Promise<string> {
  const TableName = `contract-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  const waiting = { client, maxWaitTime: 50, minDelay: 1, maxDelay: 2 };
  await waitUntilTableExists(waiting, { TableName });
  return TableName;
}

/** An S3ObjectStore, and its bucket; its objects are small enough for many tests. */
export async function s3ObjectStore(
  how: Making = {},
): Promise<Behind<S3ObjectStore> & { readonly client: S3Client; readonly bucket: string }> {
  const access = { ...(await s3()), forcePathStyle: true };
  const client = new S3Client(access);
  const bucket = `contract-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const proxy = await FaultyProxy.start(access.endpoint);
  const connect = () => {
    const own = new S3Client({ ...access, ...awsClientOptions(how) });
    return new S3ObjectStore(throughProxy(own, proxy, how.see), bucket, {
      objectBytesMax: 4_000_000,
    });
  };
  return {
    port: connect(),
    another: connect,
    failures: s3Failures(proxy),
    pass: async () => undefined,
    cleanup: async () => {
      await proxy.close();
      await empty(client, bucket);
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    },
    ...{ proxy, client, bucket },
  };
}

/** Removes what a test has left; none leaves more than a page. */
async function empty(client: S3Client, Bucket: string): Promise<void> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
}

/** An SqsMessageQueue, and its queue. Time of the real service passes as it does. */
export async function sqsMessageQueue(
  how: Making & SqsMessageQueueOptions = {},
): Promise<Behind<SqsMessageQueue> & { readonly client: SQSClient; readonly queueUrl: string }> {
  const access = await sqs();
  const emulated = access.credentials !== undefined;
  const client = new SQSClient(access);
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: `contract-${randomUUID()}` }),
  );
  const proxy = await FaultyProxy.start(access.endpoint);
  const connect = () => {
    const own = new SQSClient({ ...access, ...awsClientOptions(how) });
    const waitSeconds = how.waitSeconds ?? (emulated ? 0 : 1);
    return new SqsMessageQueue(throughProxy(own, proxy, how.see), QueueUrl, { waitSeconds });
  };
  return {
    port: connect(),
    another: connect,
    failures: sqsFailures(proxy),
    pass: async (seconds) => {
      if (emulated) await (await fauxqs()).advance(seconds * 1000);
      else await clock.sleep(seconds * 1000);
    },
    cleanup: async () => {
      await proxy.close();
      await client.send(new DeleteQueueCommand({ QueueUrl }));
      client.destroy();
    },
    ...{ proxy, client, queueUrl: QueueUrl },
  };
}
