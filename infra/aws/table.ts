import { CfnDeletionPolicy, type Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';

/** Makes the table of journals and pages, billed by request. It stays when the stack is deleted. */
export function tableIn(stack: Stack): CfnTable {
  const table = new CfnTable(stack, 'Table', {
    billingMode: 'PAY_PER_REQUEST',
    attributeDefinitions: [
      { attributeName: 'pk', attributeType: 'S' },
      { attributeName: 'sk', attributeType: 'S' },
    ],
    keySchema: [
      { attributeName: 'pk', keyType: 'HASH' },
      { attributeName: 'sk', keyType: 'RANGE' },
    ],
    timeToLiveSpecification: { attributeName: 'expiresAt', enabled: true },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    // The key that AWS keeps for DynamoDB: its use shows in CloudTrail, and no right on it is needed.
    sseSpecification: { sseEnabled: true, sseType: 'KMS' },
  });
  retained(table);
  return table;
}

/** What holds data stays when the stack is deleted, or would put another in its place. */
export function retained({ cfnOptions }: { readonly cfnOptions: CfnTable['cfnOptions'] }): void {
  cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
  cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}
