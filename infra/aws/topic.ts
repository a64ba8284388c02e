import { Aws, type Stack } from 'aws-cdk-lib';
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import type { Conditions } from './conditions.ts';
import type { Parameters } from './parameters.ts';
import { denied, policy } from './policies.ts';

/** Makes the topic that all alarms go to, and mails what comes there if there is an address. */
export function topicIn(
  stack: Stack,
  { alertEmail }: Parameters,
  { hasMail }: Conditions,
): CfnTopic {
  const topic = new CfnTopic(stack, 'Alarms', { displayName: 'Millrace' });
  new CfnTopicPolicy(stack, 'AlarmsPolicy', {
    topics: [topic.ref],
    policyDocument: policy(
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: topic.ref,
        Condition: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      },
      denied('sns:Publish', [topic.ref]),
    ),
  });
  const mail = new CfnSubscription(stack, 'AlarmsMail', {
    topicArn: topic.ref,
    protocol: 'email',
    endpoint: alertEmail.valueAsString,
  });
  mail.cfnOptions.condition = hasMail;
  return topic;
}
