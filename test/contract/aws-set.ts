import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { dynamoDbStateStore, s3ObjectStore, sqsMessageQueue } from './aws-stores.ts';
import { withoutTransport } from './subject.ts';

/** The adapters of the AWS app: DynamoDB, S3, SQS. */
export const awsStoreSet = {
  stateStore: dynamoDbStateStore,
  objectStore: () => s3ObjectStore(),
  messageQueue: () => sqsMessageQueue(),
  clock: async () => withoutTransport(new SystemClock()),
  telemetry: async () => withoutTransport(new MemoryTelemetry()),
};
