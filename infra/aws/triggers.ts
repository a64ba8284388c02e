import type { Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnEventInvokeConfig, CfnEventSourceMapping, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Retention } from './conditions.ts';
import type { MadeFunction } from './functions.ts';
import type { Parameters } from './parameters.ts';
import type { Places } from './settings.ts';
import type { Stream } from './stream.ts';

/** What `process` is fed by. */
export interface StreamTriggerParts {
  readonly source: Stream;
  readonly places: Places;
  readonly parameters: Parameters;
  readonly retention: Retention;
}

/** Hands the records of the stream to `process`, shard by shard, in order and one batch at a time. */
export function streamTriggerIn(
  stack: Stack,
  { lambda }: MadeFunction,
  { source, places, parameters, retention }: StreamTriggerParts,
): CfnEventSourceMapping {
  return new CfnEventSourceMapping(stack, 'ProcessRecords', {
    functionName: lambda.ref,
    eventSourceArn: source.sourceArn,
    startingPosition: 'TRIM_HORIZON',
    // The most there is. What bounds a batch is its payload of 6 MB: it holds a second of a full shard, and a smaller
    // number would only split that.
    batchSize: 10_000,
    maximumBatchingWindowInSeconds: parameters.batchWindowSeconds.valueAsNumber,
    // A journal has one writer for each partition.
    parallelizationFactor: 1,
    functionResponseTypes: ['ReportBatchItemFailures'],
    // The code puts bad events aside itself. What is left are batches that no instance survives.
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: -1,
    // Then, shortly before the stream drops them, records are put aside as they are.
    maximumRecordAgeInSeconds: retention.recordAgeSeconds,
    destinationConfig: { onFailure: { destination: places.failures.attrArn } },
    // Without them nobody would hear of it: the function is not called for what is put aside.
    metricsConfig: { metrics: ['EventCount'] },
  });
}

/** Hands the notices of dead letters to `poison`. */
export function noticesTriggerIn(stack: Stack, { lambda }: MadeFunction, places: Places): void {
  new CfnEventSourceMapping(stack, 'PoisonNotices', {
    functionName: lambda.ref,
    eventSourceArn: places.notices.attrArn,
    batchSize: 10,
    functionResponseTypes: ['ReportBatchItemFailures'],
    // Notices of a partition meet in one item: more hands would only get in each other's way.
    scalingConfig: { maximumConcurrency: 2 },
  });
}

/** Calls `maintain` every minute. A call that fails is not repeated: the next one comes in a minute. */
export function clockIn(stack: Stack, { lambda }: MadeFunction): void {
  const rule = new CfnRule(stack, 'MaintainClock', {
    description: 'Maintenance of Millrace.',
    scheduleExpression: 'rate(1 minute)',
    state: 'ENABLED',
    targets: [{ id: 'maintain', arn: lambda.attrArn }],
  });
  new CfnPermission(stack, 'MaintainByClock', {
    action: 'lambda:InvokeFunction',
    functionName: lambda.ref,
    principal: 'events.amazonaws.com',
    sourceArn: rule.attrArn,
  });
  new CfnEventInvokeConfig(stack, 'MaintainOnce', {
    functionName: lambda.ref,
    qualifier: '$LATEST',
    maximumRetryAttempts: 0,
    maximumEventAgeInSeconds: 60,
  });
}
