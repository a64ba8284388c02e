import { CfnResource, type Stack, Validations } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';

const logs =
  'Only the roles of the stack come to it. Logs of access would be an object for each request; whoever has to have ' +
  'them switches on data events of CloudTrail.';
const objects =
  'The bucket holds what this role works on and nothing else, and the names of objects are not known before.';

const results =
  'Those who take the rows say how often they try one, and where it goes then: a queue for that is theirs.';

/** Says of what cdk-nag finds in stacks why it stands. */
export function acknowledge(stacks: readonly Stack[]): void {
  for (const resource of stacks.flatMap((stack) => stack.node.children)) {
    if (!(resource instanceof CfnResource)) continue;
    const validations = Validations.of(resource);
    if (resource instanceof CfnBucket) {
      validations.acknowledge({ id: 'AwsSolutions::AwsSolutions-S1', reason: logs });
    }
    if (resource instanceof CfnQueue && resource.node.id === 'ResultsQueue') {
      validations.acknowledge({ id: 'AwsSolutions::AwsSolutions-SQS3', reason: results });
    }
    if (resource instanceof CfnRole) {
      for (const bucket of ['Objects', 'Failures']) {
        const id = `AwsSolutions::AwsSolutions-IAM5[Resource::<${bucket}.Arn>/*]`;
        validations.acknowledge({ id, reason: objects });
      }
    }
  }
}
