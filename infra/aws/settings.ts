import { Aws, Fn } from 'aws-cdk-lib';
import type { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import type { CfnStream } from 'aws-cdk-lib/aws-kinesis';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { Parameters } from './parameters.ts';

/** What the app works on. */
export interface Places {
  readonly table: CfnTable;
  readonly stream: CfnStream;
  readonly objects: CfnBucket;
  readonly failures: CfnBucket;
  readonly notices: CfnQueue;
  readonly results: CfnQueue;
}

/** The namespace of the app's figures in CloudWatch, one for each stack: a test system raises no alarm of another. */
export const namespace: string = Fn.join('/', ['Millrace', Aws.STACK_NAME]);

/** All settings of the app. None is a secret: each names a place, and the role of a function opens it. */
export function settings(
  { table, stream, objects, notices, results }: Places,
  { retentionHours, bucketCount }: Parameters,
): Readonly<Record<string, string>> {
  return {
    STREAM: stream.ref,
    STATE_TABLE: table.ref,
    OBJECTS_BUCKET: objects.ref,
    NOTICES_QUEUE: notices.ref,
    SINK_RESULTS: Fn.join('', ['queue:', results.ref]),
    STREAM_RETENTION_HOURS: retentionHours.valueAsString,
    BUCKET_COUNT: bucketCount.valueAsString,
    METRICS_NAMESPACE: namespace,
  };
}
