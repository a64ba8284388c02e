import type { Context } from 'aws-lambda';
import type { App } from '../composition.ts';

/** Kept of an invocation's time for what is under way when the time for maintenance is over, milliseconds. */
const answerMs = 10_000;

/** Does once a minute what needs a clock. What fails is told, and tried again in the next minute. */
export function maintainHandler({ maintenance, clock, telemetry }: App) {
  return async (_event: unknown, context: Context): Promise<void> => {
    const deadline = clock.now() + context.getRemainingTimeInMillis() - answerMs;
    const { failures, ...done } = await maintenance.run(deadline);
    for (const { what, error } of failures) console.error(`${what}:`, error);
    console.log(JSON.stringify({ millrace: 'maintained', ...done, failures: failures.length }));
    telemetry.flush(true);
  };
}
