import type { Stack } from 'aws-cdk-lib';
import { CfnBucket, CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import { type Conditions, partIf } from './conditions.ts';
import type { Parameters } from './parameters.ts';
import { withoutTls } from './policies.ts';
import { retained } from './table.ts';

/**
 * A bucket that is nobody's but the account's, reached by TLS alone. What is in it is encrypted with keys of S3, which
 * cost nothing; a key of KMS would cost a request for what is put and got, and a right on it for every role.
 */
export function bucketIn(
  stack: Stack,
  id: string,
  lifecycleConfiguration?: CfnBucket['lifecycleConfiguration'],
): CfnBucket {
  const bucket = new CfnBucket(stack, id, {
    bucketEncryption: {
      serverSideEncryptionConfiguration: [
        { serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } },
      ],
    },
    publicAccessBlockConfiguration: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    // No access lists: what an account puts is the bucket's.
    ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
    ...(lifecycleConfiguration === undefined ? {} : { lifecycleConfiguration }),
  });
  retained(bucket);
  new CfnBucketPolicy(stack, `${id}Policy`, {
    bucket: bucket.ref,
    policyDocument: withoutTls('s3:*', [bucket.attrArn, `${bucket.attrArn}/*`]),
  });
  return bucket;
}

/** Dead letters, late events and pages too large for an item. Only the first two may have an age. */
export function objectsIn(
  stack: Stack,
  { keptDays }: Parameters,
  { hasKeptDays }: Conditions,
): CfnBucket {
  // What a condition decides on is written as the template has it.
  const rule = {
    ...{ Id: 'kept', Status: 'Enabled', Prefix: 'kept/' },
    ExpirationInDays: keptDays.valueAsNumber,
  };
  return bucketIn(stack, 'Objects', partIf(hasKeptDays, { Rules: [rule] }));
}
