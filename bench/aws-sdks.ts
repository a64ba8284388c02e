/**
 * What the app for AWS asks of others, and nothing of ours: the clients it makes, the commands it sends, and a
 * container. The start of this bundle is theirs.
 */
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Container } from 'inversify';

abstract class Ports {}
abstract class Stream {}
abstract class Reader {}
abstract class Objects {}
abstract class Notices {}
abstract class State {}
abstract class Time {}

const kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler() });
const dynamoDb = new DynamoDBClient();
const s3 = new S3Client();
const sqs = new SQSClient();
// As many bindings as the app has ports, of which two have parts.
const container = new Container({ defaultScope: 'Singleton' });
container.bind(Time).toConstantValue(Date);
container.bind(Stream).toResolvedValue(() => kinesis);
container.bind(Reader).toResolvedValue(() => kinesis);
container.bind(Objects).toResolvedValue(() => s3);
container.bind(Notices).toResolvedValue(() => sqs);
container.bind(State).toResolvedValue((_time) => dynamoDb, [Time]);
container.bind(Ports).toResolvedValue((stream, _time) => [stream], [Stream, Time]);
for (const port of [Time, Reader, State, Objects, Notices, Ports]) container.get(port);

/** Lambda loads a handler. */
export const handler = () => [
  ...[DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand],
  ...[GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand, PutRecordsCommand],
  ...[DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand],
  ...[DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand],
];
