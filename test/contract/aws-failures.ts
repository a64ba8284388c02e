import type { Fault, FaultyProxy } from '../emulators/faulty-proxy.ts';
import { type Failures, inject, onTheWay, type Row } from './behind-proxy.ts';

/** As services answer that speak JSON: DynamoDB, SQS, Kinesis. */
export function jsonFault(status: number, name: string): Fault {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  const body = JSON.stringify({ __type: `com.amazonaws.service#${name}`, message: 'no' });
  return { status, headers, body };
}

/** As S3 answers. */
export function xmlFault(status: number, code: string): Fault {
  const headers = { 'content-type': 'application/xml' };
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  return { status, headers, body };
}

/** What every service of AWS that speaks JSON answers in trouble. */
export const inJson: readonly [Row, ...Row[]] = [
  ...onTheWay,
  ['too many requests', 'throttled', jsonFault(400, 'ThrottlingException')],
  ['a service that is down', 'unavailable', jsonFault(503, 'ServiceUnavailable')],
  ['a service that fails', 'unavailable', jsonFault(500, 'InternalFailure')],
  ['a wrong key', 'request', jsonFault(403, 'InvalidSignatureException')],
  ['no permission', 'request', jsonFault(400, 'AccessDeniedException')],
];

/** Failures of DynamoDB. */
export function dynamoDbFailures(proxy: FaultyProxy): Failures {
  const throughput = jsonFault(400, 'ProvisionedThroughputExceededException');
  const conflict = jsonFault(400, 'TransactionConflictException');
  return inject(proxy, [
    ...inJson,
    ['a partition over its throughput', 'throttled', throughput],
    ['an account over its limit', 'throttled', jsonFault(400, 'RequestLimitExceeded')],
    ['another request on the same item', 'throttled', conflict],
    ['an error inside', 'unavailable', jsonFault(500, 'InternalServerError')],
    ['a table that is gone', 'request', jsonFault(400, 'ResourceNotFoundException')],
  ]);
}

/** Failures of S3. */
export function s3Failures(proxy: FaultyProxy): Failures {
  return inject(proxy, [
    ...onTheWay,
    ['too many requests', 'throttled', xmlFault(503, 'SlowDown')],
    ['a service that is down', 'unavailable', xmlFault(503, 'ServiceUnavailable')],
    ['an error inside', 'unavailable', xmlFault(500, 'InternalError')],
    ['a body that came too slowly', 'unavailable', xmlFault(400, 'RequestTimeout')],
    ['another request on the bucket', 'unavailable', xmlFault(409, 'OperationAborted')],
    ['a wrong key', 'request', xmlFault(403, 'SignatureDoesNotMatch')],
    ['no permission', 'request', xmlFault(403, 'AccessDenied')],
    ['a bucket that is gone', 'request', xmlFault(404, 'NoSuchBucket')],
    ['an object that is too large', 'too-large', xmlFault(400, 'EntityTooLarge'), 'writes'],
  ]);
}

/** Failures of SQS. */
export function sqsFailures(proxy: FaultyProxy): Failures {
  return inject(proxy, [
    ...inJson,
    ['an account over its limit', 'throttled', jsonFault(403, 'RequestThrottled')],
    ['a key over its limit', 'throttled', jsonFault(400, 'KmsThrottled')],
    ['too many messages with receivers', 'throttled', jsonFault(403, 'OverLimit')],
    ['a queue that is gone', 'request', jsonFault(400, 'QueueDoesNotExist')],
  ]);
}
