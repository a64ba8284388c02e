import type { Stack } from 'aws-cdk-lib';
import { CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import { withoutTls } from './policies.ts';

const weeks2Seconds = 1_209_600;
/** Deliveries of a notice before it is put aside. */
const deliveriesMax = 5;

/** Notices of dead letters, and those that could not be handled: nobody takes these up, an alarm tells of them. */
export interface Queues {
  readonly notices: CfnQueue;
  readonly poison: CfnQueue;
}

/** Makes both queues. `timeoutSeconds`: of the function that takes the notices. */
export function queuesIn(stack: Stack, timeoutSeconds: number): Queues {
  const common = { messageRetentionPeriod: weeks2Seconds, sqsManagedSseEnabled: true };
  const poison = new CfnQueue(stack, 'PoisonQueue', common);
  const notices = new CfnQueue(stack, 'NoticesQueue', {
    ...common,
    // As AWS advises: six times as long as the function may take.
    visibilityTimeout: 6 * timeoutSeconds,
    redrivePolicy: { deadLetterTargetArn: poison.attrArn, maxReceiveCount: deliveriesMax },
  });
  for (const [id, queue] of Object.entries({ NoticesQueue: notices, PoisonQueue: poison })) {
    new CfnQueuePolicy(stack, `${id}Policy`, {
      queues: [queue.ref],
      policyDocument: withoutTls('sqs:*', [queue.attrArn]),
    });
  }
  return { notices, poison };
}
