import type { Stack } from 'aws-cdk-lib';
import { CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import { withoutTls } from './policies.ts';

const weeks2Seconds = 1_209_600;
/** Deliveries of a notice before it is put aside. */
const deliveriesMax = 5;

/**
 * Notices of dead letters, and those that could not be handled: nobody takes these up, an alarm tells of them. And the
 * rows of views that publish to `results`, for whoever takes them.
 */
export interface Queues {
  readonly notices: CfnQueue;
  readonly poison: CfnQueue;
  readonly results: CfnQueue;
}

/** Makes the queues. `timeoutSeconds`: of the function that takes the notices. */
export function queuesIn(stack: Stack, timeoutSeconds: number): Queues {
  const common = { messageRetentionPeriod: weeks2Seconds, sqsManagedSseEnabled: true };
  const poison = new CfnQueue(stack, 'PoisonQueue', common);
  const notices = new CfnQueue(stack, 'NoticesQueue', {
    ...common,
    // As AWS advises: six times as long as the function may take.
    visibilityTimeout: 6 * timeoutSeconds,
    redrivePolicy: { deadLetterTargetArn: poison.attrArn, maxReceiveCount: deliveriesMax },
  });
  const results = new CfnQueue(stack, 'ResultsQueue', common);
  const all = { NoticesQueue: notices, PoisonQueue: poison, ResultsQueue: results };
  for (const [id, queue] of Object.entries(all)) {
    new CfnQueuePolicy(stack, `${id}Policy`, {
      queues: [queue.ref],
      policyDocument: withoutTls('sqs:*', [queue.attrArn]),
    });
  }
  return { notices, poison, results };
}
