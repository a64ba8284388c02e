import type { Stack } from 'aws-cdk-lib';
import { CfnStream, CfnStreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import { type Conditions, numberIf, textIf } from './conditions.ts';
import type { Parameters } from './parameters.ts';

/** The stream, and who reads it. */
export interface Stream {
  readonly stream: CfnStream;
  /** The consumer of `process`, if it has one; only what has its condition may name it. */
  readonly consumer: CfnStreamConsumer;
  /** What `process` reads: the consumer, or the stream itself. */
  readonly sourceArn: string;
}

/** The key that AWS keeps for Kinesis: no fee for the key, and no rights on it to give away. */
const streamEncryption = { encryptionType: 'KMS', keyId: 'alias/aws/kinesis' };

/** Makes the stream that views publish to, if one is wanted. */
export function resultsStreamIn(
  stack: Stack,
  { resultsShards }: Parameters,
  { hasResultsStream }: Conditions,
): CfnStream {
  const stream = new CfnStream(stack, 'ResultsStream', {
    streamModeDetails: { streamMode: 'PROVISIONED' },
    shardCount: resultsShards.valueAsNumber,
    streamEncryption,
  });
  stream.cfnOptions.condition = hasResultsStream;
  return stream;
}

/** Makes the stream. Its shards may be changed later: the journals of their parents are closed. */
export function streamIn(stack: Stack, parameters: Parameters, conditions: Conditions): Stream {
  const { isProvisioned, hasFanOut } = conditions;
  const stream = new CfnStream(stack, 'Stream', {
    retentionPeriodHours: parameters.retentionHours.valueAsNumber,
    streamModeDetails: { streamMode: textIf(isProvisioned, 'PROVISIONED', 'ON_DEMAND') },
    shardCount: numberIf(isProvisioned, parameters.shards),
    streamEncryption,
  });
  const consumer = new CfnStreamConsumer(stack, 'Consumer', {
    streamArn: stream.attrArn,
    consumerName: 'millrace',
  });
  consumer.cfnOptions.condition = hasFanOut;
  const sourceArn = textIf(hasFanOut, consumer.attrConsumerArn, stream.attrArn);
  return { stream, consumer, sourceArn };
}
