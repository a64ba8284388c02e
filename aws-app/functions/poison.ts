import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { textOfSqs } from '../../adapters/aws/sqs-text.ts';
import { indexNotice } from '../../core/poison.ts';
import type { App } from '../composition.ts';

/** Kept of an invocation's time for the notice that is under way, milliseconds. */
const answerMs = 20_000;

/** Takes the notices of dead letters into their index. One that fails five times ends in the dead-letter queue. */
export function poisonHandler({ journals, telemetry }: App) {
  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const failed: string[] = [];
    const keptMs = Math.min(answerMs, context.getRemainingTimeInMillis() / 2);
    for (const { messageId, body } of Records) {
      if (context.getRemainingTimeInMillis() < keptMs) {
        failed.push(messageId);
        continue;
      }
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
