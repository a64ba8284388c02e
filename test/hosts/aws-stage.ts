import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { awsClientOptions } from '../../adapters/aws/client-options.ts';
import { type DynamoDbEmulator, startDynamoDb } from '../emulators/dynamodb.ts';
import { type Fauxqs, startFauxqs } from '../emulators/fauxqs.ts';
import { type Kinesis, type KinesisOptions, startKinesis } from '../emulators/kinesis.ts';
import { deployed } from './aws-template.ts';

/** Clients of the emulators; they try everything once. */
export interface AwsClients {
  readonly dynamoDb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
}

/** The services of AWS that the app uses, as emulators in and under this process. */
export interface AwsStage {
  readonly dynamoDb: DynamoDbEmulator;
  readonly kinesis: Kinesis;
  /** S3 and SQS. */
  readonly fauxqs: Fauxqs;
  readonly clients: AwsClients;
  stop(): Promise<void>;
}

/** What an app of its own on the stage is made with. */
export interface AwsScene {
  /** Names its stream, and begins the names of its table, its buckets and its queues: lower-case letters and digits. */
  readonly name: string;
  readonly shards: number;
}

/** What an app works on, and its settings. */
export interface AwsPlaces {
  readonly streamArn: string;
  /** Of the bucket of what the stream's mapping gives up. */
  readonly failuresArn: string;
  readonly noticesArn: string;
  /** The queue of notices that failed too often. */
  readonly poisonUrl: string;
  /** Those of aws-app/config.ts, and where the clients find the services. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Where everything here is. */
export const region = 'us-east-1';
/** Whose everything here is, as the stand-in for Lambda signs for its functions. */
export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

const account = '000000000000';

/** Starts all emulators. They end when this process does. */
export async function startAwsStage(stream: KinesisOptions = {}): Promise<AwsStage> {
  const [dynamoDb, kinesis, fauxqs] = await Promise.all([
    startDynamoDb(),
    startKinesis(stream),
    startFauxqs(),
  ]);
  const once = { ...awsClientOptions(), region, credentials };
  const { endpoint } = fauxqs;
  const clients = {
    dynamoDb: new DynamoDBClient({ ...once, endpoint: dynamoDb.endpoint }),
    kinesis: new KinesisClient({
      ...{ ...once, endpoint: kinesis.endpoint },
      requestHandler: new NodeHttpHandler(once.requestHandler),
    }),
    s3: new S3Client({ ...once, endpoint, forcePathStyle: true }),
    sqs: new SQSClient({ ...once, endpoint }),
  };
  const stop = async (): Promise<void> => {
    for (const client of Object.values(clients)) client.destroy();
    await Promise.all([dynamoDb.stop(), kinesis.stop(), fauxqs.stop()]);
  };
  return { dynamoDb, kinesis, fauxqs, clients, stop };
}

/** Makes what an app needs to be there, as the template does in the cloud, and gives the app's settings. */
export async function awsPlaces(stage: AwsStage, scene: AwsScene): Promise<AwsPlaces> {
  const { dynamoDb, kinesis, fauxqs, clients } = stage;
  const { name } = scene;
  const [streamArn, queues] = await Promise.all([
    createStream(clients, scene),
    createQueues(clients, name),
    createTable(clients, `${name}-state`),
    ...[`${name}-objects`, `${name}-failures`].map((Bucket) =>
      clients.s3.send(new CreateBucketCommand({ Bucket })),
    ),
  ]);
  return {
    ...{ streamArn, failuresArn: `arn:aws:s3:::${name}-failures`, noticesArn: queues.notices },
    poisonUrl: queueUrl(fauxqs, `${name}-poison`),
    settings: {
      STREAM: name,
      STATE_TABLE: `${name}-state`,
      OBJECTS_BUCKET: `${name}-objects`,
      OBJECTS_PATH_STYLE: 'yes',
      NOTICES_QUEUE: queueUrl(fauxqs, `${name}-notices`),
      SINK_RESULTS: `queue:${queueUrl(fauxqs, `${name}-results`)}`,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
      AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint,
      AWS_ENDPOINT_URL_S3: fauxqs.endpoint,
      AWS_ENDPOINT_URL_SQS: fauxqs.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  };
}

function queueUrl({ endpoint }: Fauxqs, queue: string): string {
  return `${endpoint}/${account}/${queue}`;
}

async function createStream(
  { kinesis }: AwsClients,
  { name: StreamName, shards: ShardCount }: AwsScene,
): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
  const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  return answer.StreamDescriptionSummary!.StreamARN!;
}

async function createTable({ dynamoDb }: AwsClients, TableName: string): Promise<void> {
  const { KeySchema, AttributeDefinitions, BillingMode } = deployed()('Table') as Pick<
    CreateTableCommand['input'],
    'KeySchema' | 'AttributeDefinitions' | 'BillingMode'
  >;
  const input = { TableName, KeySchema, AttributeDefinitions, BillingMode };
  await dynamoDb.send(new CreateTableCommand(input));
}

/** Makes the queues of results, of notices, and of those that failed too often; gives the ARNs of the last two. */
async function createQueues(
  { sqs }: AwsClients,
  name: string,
): Promise<{ readonly notices: string; readonly poison: string }> {
  const create = async (queue: string, Attributes: Record<string, string>): Promise<string> => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue, Attributes }));
    const request = { QueueUrl: QueueUrl!, AttributeNames: ['QueueArn' as const] };
    const answer = await sqs.send(new GetQueueAttributesCommand(request));
    return answer.Attributes!['QueueArn']!;
  };
  const { VisibilityTimeout, RedrivePolicy } = deployed()('NoticesQueue');
  await create(`${name}-results`, {});
  const poison = await create(`${name}-poison`, {});
  const redrive = { ...(RedrivePolicy as object), deadLetterTargetArn: poison };
  const notices = await create(`${name}-notices`, {
    VisibilityTimeout: String(VisibilityTimeout),
    RedrivePolicy: JSON.stringify(redrive),
  });
  return { notices, poison };
}
