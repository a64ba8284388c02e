import type { Context, KinesisStreamEvent } from 'aws-lambda';
import {
  type KinesisAnswer,
  kinesisAnswer,
  kinesisBatch,
} from '../../adapters/aws/kinesis-batch.ts';
import type { App } from '../composition.ts';

/** Kept of an invocation's time for calls that are under way when the time for the batch is over, milliseconds. */
const answerMs = 20_000;

/**
 * Brings delivered batches into the journals, and answers from which record on they must come again: for ever, since
 * a mapping that gives up moves on.
 */
export function processHandler({ processor, clock, telemetry }: App) {
  return async (event: KinesisStreamEvent, context: Context): Promise<KinesisAnswer> => {
    const batch = kinesisBatch(event);
    const leftMs = context.getRemainingTimeInMillis();
    const deadline = clock.now() + Math.max(leftMs - answerMs, leftMs / 2);
    const { acknowledged, failures } = await processor.process(batch, deadline);
    for (const { pipeline, error } of failures) {
      console.error(`pipeline ${pipeline}, partition ${batch.partition}:`, error);
    }
    telemetry.flush();
    return kinesisAnswer(batch, acknowledged);
  };
}
