import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { textOfSqs } from '../../adapters/aws/sqs-text.ts';
import { indexNotice } from '../../core/poison.ts';
import type { App } from '../composition.ts';

/** Takes the notices of dead letters into their index. One that fails five times ends in the dead-letter queue. */
export function poisonHandler({ journals, telemetry }: App) {
  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const failed: string[] = [];
    for (const { messageId, body } of Records) {
      try {
        await indexNotice(journals, telemetry, textOfSqs(body));
      } catch (error) {
        console.error(`message ${messageId}:`, error);
        failed.push(messageId);
      }
    }
    telemetry.flush();
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
