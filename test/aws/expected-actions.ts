import type { FunctionName } from '../../infra/aws/rights.ts';

const readTable = ['dynamodb:GetItem on table', 'dynamodb:Query on table'];
const writeTable = [...readTable, 'dynamodb:PutItem on table'];
const readStream = [
  'kinesis:ListShards on stream',
  'kinesis:GetShardIterator on stream',
  'kinesis:GetRecords on stream',
];
const objects = ['Get', 'Put', 'Delete'].map((verb) => `s3:${verb}Object on objects`);

/** What the code of each function calls, as the tests of the app record it: all of it, and nothing else. */
export const called: Readonly<Record<FunctionName, readonly string[]>> = {
  process: [
    ...[...writeTable, ...readStream, ...objects],
    ...['s3:ListBucket on objects', 'sqs:SendMessage on notices'],
  ],
  ingest: ['kinesis:PutRecords on stream'],
  query: [...readTable, ...readStream, 's3:GetObject on objects'],
  maintain: [
    ...[...writeTable, 'dynamodb:DeleteItem on table', ...readStream, ...objects],
    ...['s3:ListBucket on objects', 'sqs:SendMessage on notices', 'sqs:SendMessage on results'],
  ],
  poison: ['dynamodb:GetItem on table', 'dynamodb:PutItem on table', 's3:GetObject on objects'],
};

const log = ['logs:CreateLogStream on log', 'logs:PutLogEvents on log'];

/**
 * What AWS asks of the role of each function, by its documentation: the event source mappings of Kinesis and SQS and
 * their destination, the log, and the right to hear that an object is missing (`s3:ListBucket`).
 */
export const byHost: Readonly<Record<FunctionName, readonly string[]>> = {
  process: [
    ...[...log, ...readStream],
    ...['kinesis:DescribeStream on stream', 'kinesis:DescribeStreamSummary on stream'],
    'kinesis:SubscribeToShard on consumer',
    ...['s3:PutObject on failures', 's3:ListBucket on failures'],
  ],
  ingest: log,
  query: [...log, 's3:ListBucket on objects'],
  maintain: log,
  poison: [
    ...[...log, 's3:ListBucket on objects'],
    ...['sqs:ReceiveMessage on notices', 'sqs:DeleteMessage on notices'],
    'sqs:GetQueueAttributes on notices',
  ],
};
