import { Aws, type CfnCondition, Fn, type IResolvable } from 'aws-cdk-lib';
import { partIf } from './conditions.ts';
import { policy, type Statement } from './policies.ts';

/** The functions of the app. */
export type FunctionName = 'process' | 'ingest' | 'query' | 'maintain' | 'poison';

/** What a function may have a right on. */
export type Place = 'table' | 'stream' | 'objects' | 'failures' | 'notices';

/** Names of resources as rights have them. */
export type Arns = Readonly<Record<Place, string>>;

type Rights = Readonly<Partial<Record<Place, readonly string[]>>>;

const readTable = ['dynamodb:GetItem', 'dynamodb:Query'];
const writeTable = [...readTable, 'dynamodb:PutItem'];
const readStream = ['kinesis:ListShards', 'kinesis:GetShardIterator', 'kinesis:GetRecords'];
const allOfObjects = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'];
const send = ['sqs:SendMessage'];

/** What the code of each function asks for. Maintenance removes pages that have expired; all other items have an age. */
export const ofCode: Readonly<Record<FunctionName, Rights>> = {
  process: { table: writeTable, stream: readStream, objects: allOfObjects, notices: send },
  ingest: { stream: ['kinesis:PutRecords'] },
  query: { table: readTable, stream: readStream, objects: ['s3:GetObject'] },
  maintain: {
    table: [...writeTable, 'dynamodb:DeleteItem'],
    ...{ stream: readStream, objects: allOfObjects },
    notices: send,
  },
  poison: { table: ['dynamodb:GetItem', 'dynamodb:PutItem'], objects: ['s3:GetObject'] },
};

/** What others do in the name of a function, or ask of it. */
export const ofHost: Readonly<Record<FunctionName, Rights>> = {
  process: {
    // The event source mapping reads the stream, and puts aside what it gives up.
    stream: ['kinesis:DescribeStream', 'kinesis:DescribeStreamSummary', ...readStream],
    failures: ['s3:PutObject', 's3:ListBucket'],
  },
  ingest: {},
  // S3 tells only those who may list that an object is not there; others hear that they may not read it.
  query: { objects: ['s3:ListBucket'] },
  maintain: {},
  poison: {
    objects: ['s3:ListBucket'],
    notices: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  },
};

/** Who pushes the records of the stream to `process`, if somebody does. */
export interface FanOut {
  readonly condition: CfnCondition;
  readonly consumerArn: string;
}

/** Where `maintain` publishes rows: to a webhook, for which it needs no right, or to a stream, or to a queue. */
export interface Published {
  readonly hasWebhook: CfnCondition;
  readonly hasStream: CfnCondition;
  readonly streamArn: string;
  readonly queueArn: string;
}

/** What depends on parameters. */
export interface Chosen {
  readonly fanOut: FanOut;
  readonly published: Published;
}

/** The policy of a function's role: its rights place by place, and its own log. */
export function policyOf(
  name: FunctionName,
  arns: Arns,
  logGroupArn: string,
  { fanOut, published }: Chosen,
): unknown {
  const places = Object.keys(arns) as Place[];
  const statements = places.flatMap((place) => {
    const of = [...(ofCode[name][place] ?? []), ...(ofHost[name][place] ?? [])];
    return statementsOn(arns[place], [...new Set(of)].sort());
  });
  return policy(
    ...statements,
    allowed(logActions, logGroupArn),
    ...(name === 'process' ? [toBePushed(fanOut)] : []),
    ...(name === 'maintain' ? [toPublish(published)] : []),
  );
}

function toBePushed({ condition, consumerArn }: FanOut): IResolvable {
  return partIf(condition, allowed(['kinesis:SubscribeToShard'], consumerArn));
}

function toPublish({ hasWebhook, hasStream, streamArn, queueArn }: Published): IResolvable {
  const toStream = allowed(['kinesis:PutRecords'], streamArn);
  const toPlace = Fn.conditionIf(hasStream.logicalId, toStream, allowed(send, queueArn));
  return Fn.conditionIf(hasWebhook.logicalId, Aws.NO_VALUE, toPlace);
}

const logActions = ['logs:CreateLogStream', 'logs:PutLogEvents'];

/** A bucket is listed, its objects are read and written: these are two names. */
function statementsOn(arn: string, actions: readonly string[]): Statement[] {
  const onObjects = actions.filter((action) => /^s3:\w+Object$/.test(action));
  const rest = actions.filter((action) => !onObjects.includes(action));
  return [
    ...(rest.length > 0 ? [allowed(rest, arn)] : []),
    ...(onObjects.length > 0 ? [allowed(onObjects, Fn.join('', [arn, '/*']))] : []),
  ];
}

function allowed(Action: readonly string[], Resource: string): Statement {
  return { Effect: 'Allow', Action, Resource };
}

/** Who may take a role: Lambda, for a function that has it. */
export const takenByLambda: unknown = policy({
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
});
