import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  GetRecordsCommand,
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
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsClientOptions } from '../../adapters/aws/client-options.ts';
import {
  type Called,
  calledOver,
  recordActions,
  recordedIn,
  recordInto,
  rightOf,
} from './recorded-actions.ts';

const settings = {
  STATE_TABLE: 'state',
  STREAM: 'events',
  OBJECTS_BUCKET: 'objects',
  NOTICES_QUEUE: 'https://sqs.example/1/notices',
};

/** What a server was asked that answers nothing of use. */
const asked: { readonly by: string; readonly called: Called }[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => {
    body += part;
  });
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    asked.push(calledOver({ method, url, headers, body }));
    response.writeHead(400).end('{}');
  });
});
beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
afterAll(() => server.close());

/** Calls of every kind that the app makes, and the rights they need. */
async function calls(record: (called: Called) => void): Promise<string[]> {
  const { port } = server.address() as AddressInfo;
  const options = {
    ...{ ...awsClientOptions(), region: 'eu-west-1', endpoint: `http://127.0.0.1:${port}` },
    credentials: { accessKeyId: 'process', secretAccessKey: 'secret' },
  };
  const dynamoDb = new DynamoDBClient(options);
  const requestHandler = new NodeHttpHandler(options.requestHandler);
  const kinesis = new KinesisClient({ ...options, requestHandler });
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const sqs = new SQSClient(options);
  for (const client of [dynamoDb, kinesis, s3, sqs]) recordActions(client as never, record);
  const object = { Bucket: 'objects', Key: 'kept/a b' };
  await Promise.allSettled([
    dynamoDb.send(new GetItemCommand({ TableName: 'state', Key: { pk: { S: 'a' } } })),
    kinesis.send(new PutRecordsCommand({ StreamName: 'events', Records: [] })),
    kinesis.send(new ListShardsCommand({ StreamARN: 'arn:aws:kinesis:r:1:stream/events' })),
    kinesis.send(new GetRecordsCommand({ ShardIterator: 'i' })),
    s3.send(new GetObjectCommand(object)),
    s3.send(new PutObjectCommand({ ...object, Body: 'body' })),
    s3.send(new DeleteObjectCommand(object)),
    s3.send(new ListObjectsV2Command({ Bucket: 'objects', Prefix: 'kept/' })),
    sqs.send(new SendMessageCommand({ QueueUrl: settings.NOTICES_QUEUE, MessageBody: 'x' })),
  ]);
  return [
    'dynamodb:GetItem on table',
    'kinesis:GetRecords on stream',
    'kinesis:ListShards on stream',
    'kinesis:PutRecords on stream',
    's3:DeleteObject on objects',
    's3:GetObject on objects',
    's3:ListBucket on objects',
    's3:PutObject on objects',
    'sqs:SendMessage on notices',
  ];
}

describe('a recorder of calls', () => {
  it('tells the right that each call of a client needs', async () => {
    const found: Called[] = [];
    const wanted = await calls((called) => found.push(called));
    expect(found.map((called) => rightOf(called, settings)).sort()).toEqual(wanted);
  });

  it('tells the same of requests, and who signed them', async () => {
    asked.length = 0;
    const wanted = await calls(() => {});
    expect(asked.map(({ called }) => rightOf(called, settings)).sort()).toEqual(wanted);
    expect(new Set(asked.map(({ by }) => by))).toEqual(new Set(['process']));
  });

  it('keeps each right once in a file, by function', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-actions-'));
    const file = join(folder, 'actions');
    expect(recordedIn(file, settings)).toEqual(new Map());
    const wanted = await calls(recordInto(file, 'process'));
    await calls(recordInto(file, 'process'));
    recordInto(file, 'ingest')({ action: 'kinesis:PutRecords', name: 'events' });
    const found = recordedIn(file, settings);
    rmSync(folder, { recursive: true });
    expect([...(found.get('process') ?? [])].sort()).toEqual(wanted);
    expect([...(found.get('ingest') ?? [])]).toEqual(['kinesis:PutRecords on stream']);
  });

  it('refuses a call to what is not the app’s', () => {
    const other = { action: 'dynamodb:GetItem', name: 'another' };
    expect(() => rightOf(other, settings)).toThrow('dynamodb:GetItem on another');
    const elsewhere = { action: 'secretsmanager:GetSecretValue', name: null };
    expect(() => rightOf(elsewhere, settings)).toThrow('no place of the app');
    const request = { method: 'POST', url: '/objects?delete', body: '' };
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/r/s3/aws4_request' };
    expect(() => calledOver({ ...request, headers })).toThrow('what does POST');
  });
});
