import { emfLine } from '../../adapters/aws/emf-line.ts';
import { LogTelemetry, type LogTelemetryParts } from '../../adapters/log-telemetry.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import type { AdapterSet } from './adapter-sets.ts';
import { dynamoDbStateStore, s3ObjectStore, sqsMessageQueue } from './aws-stores.ts';
import { awsStream } from './aws-stream.ts';
import { withoutTransport } from './subject.ts';

const clock = new SystemClock();
const logParts: LogTelemetryParts = {
  clock,
  write: () => {},
  format: (figures) => emfLine('Millrace', figures, clock.now()),
  everySeconds: 60,
};

/** The adapters of the AWS app: DynamoDB, S3, SQS, Kinesis. */
export const awsSet: AdapterSet = {
  stateStore: dynamoDbStateStore,
  objectStore: () => s3ObjectStore(),
  messageQueue: () => sqsMessageQueue(),
  stream: awsStream,
  clock: async () => withoutTransport(clock),
  telemetry: async () => withoutTransport(new LogTelemetry(logParts)),
};
