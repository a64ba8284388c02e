import { Aws, Fn } from 'aws-cdk-lib';
import type { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import type { CfnStream } from 'aws-cdk-lib/aws-kinesis';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { type Conditions, partIf, textIf } from './conditions.ts';
import type { Parameters } from './parameters.ts';

/** What the app works on. */
export interface Places {
  readonly table: CfnTable;
  readonly stream: CfnStream;
  readonly objects: CfnBucket;
  readonly failures: CfnBucket;
  readonly notices: CfnQueue;
  readonly results: CfnQueue;
  readonly resultsStream: CfnStream;
}

/** The namespace of the app's figures in CloudWatch, one for each stack: a test system raises no alarm of another. */
export const namespace: string = Fn.join('/', ['Millrace', Aws.STACK_NAME]);

/**
 * All settings of the app. Each names a place, and the role of a function opens it. The one secret, that of a webhook,
 * stands in the template by its name alone.
 */
export function settings(
  { table, stream, objects, notices, ...places }: Places,
  parameters: Parameters,
  conditions: Conditions,
): Readonly<Record<string, string>> {
  const { retentionHours, bucketCount } = parameters;
  return {
    STREAM: stream.ref,
    STATE_TABLE: table.ref,
    OBJECTS_BUCKET: objects.ref,
    NOTICES_QUEUE: notices.ref,
    ...sinkOfResults(places, parameters, conditions),
    STREAM_RETENTION_HOURS: retentionHours.valueAsString,
    BUCKET_COUNT: bucketCount.valueAsString,
    METRICS_NAMESPACE: namespace,
  };
}

/** Where views publish to as `results`: to a webhook, a stream or a queue. */
function sinkOfResults(
  { results, resultsStream }: Pick<Places, 'results' | 'resultsStream'>,
  { resultsWebhook, resultsSignedBy }: Parameters,
  { hasResultsStream, hasResultsWebhook }: Conditions,
): Readonly<Record<'SINK_RESULTS' | 'SINK_RESULTS_SECRET', string>> {
  const text = (...parts: string[]): string => Fn.join('', parts);
  const queue = text('queue:', results.ref);
  const place = textIf(hasResultsStream, text('stream:', resultsStream.ref), queue);
  const webhook = text('webhook:', resultsWebhook.valueAsString);
  const secret = text('{{resolve:secretsmanager:', resultsSignedBy.valueAsString, '}}');
  return {
    SINK_RESULTS: textIf(hasResultsWebhook, webhook, place),
    SINK_RESULTS_SECRET: partIf(hasResultsWebhook, secret).toString(),
  };
}
