import { expect, test } from 'vitest';
import { awsError, codeOf, isNamed } from '../../adapters/aws/errors.ts';
import { MillraceError } from '../../core/errors.ts';

/** An error as the clients throw it. */
function answered(name: string, status: number, more: object = {}): Error {
  const $metadata = { httpStatusCode: status };
  const $fault = status < 500 ? 'client' : 'server';
  return Object.assign(new Error('no\nsecond line'), { name, $metadata, $fault, ...more });
}

test('a mistake of ours and an error that has its code stay as they are', () => {
  const own = new MillraceError('too-large', 'too large');
  for (const error of [own, new TypeError('x is not a function'), new ReferenceError('x'), null]) {
    expect(awsError('do it', error)).toBe(error);
  }
});

test('no answer and one that makes no sense are unavailable, with their cause', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const noToken = Object.assign(new Error('no token'), { name: 'CredentialsProviderError' });
  const $metadata = { httpStatusCode: 200 };
  const odd = Object.assign(new TypeError('Unexpected end of JSON input'), { $metadata });
  for (const cause of [refused, noToken, odd]) {
    const mapped = awsError('do it', cause);
    expect(mapped).toMatchObject({ name: 'MillraceError', code: 'unavailable', cause });
    expect(String(mapped)).toContain(`Could not do it: ${cause.message}`);
  }
});

test('of an answer that could not be read only a status that says it all counts', () => {
  const unread = (httpStatusCode: number) =>
    awsError('do it', Object.assign(new SyntaxError('<html>'), { $metadata: { httpStatusCode } }));
  const codes = [400, 403, 404, 408, 413, 429, 500, 502, 503].map((status) => unread(status));
  expect(codes.map((error) => (error as MillraceError).code)).toEqual([
    ...['unavailable', 'unavailable', 'unavailable', 'unavailable', 'too-large', 'throttled'],
    ...['unavailable', 'unavailable', 'unavailable'],
  ]);
});

test('a message names the status, what it is about, and one line of what was said', () => {
  const cause = answered('ResourceNotFoundException', 400);
  const message = 'Could not read an item: 400 ResourceNotFoundException no';
  expect(awsError('read an item', cause)).toMatchObject({ code: 'request', message, cause });
});

test.each([
  ['ProvisionedThroughputExceededException', 400],
  ['ThrottlingException', 400],
  ['RequestLimitExceeded', 400],
  ['TransactionConflictException', 400],
  ['LimitExceededException', 400],
  ['KMSThrottlingException', 400],
  ['SlowDown', 503],
  ['RequestThrottled', 403],
  ['KmsThrottled', 400],
  ['OverLimit', 403],
  ['AnythingNew', 429],
])('%s (%i) is throttled', (name, status) => {
  expect(codeOf(name, status)).toBe('throttled');
});

test.each([
  ['InternalServerError', 500, 'unavailable'],
  ['InternalFailure', 500, 'unavailable'],
  ['ServiceUnavailable', 503, 'unavailable'],
  ['RequestTimeout', 400, 'unavailable'],
  ['OperationAborted', 409, 'unavailable'],
  ['ResourceInUseException', 400, 'unavailable'],
  ['EntityTooLarge', 400, 'too-large'],
  ['ValidationException', 400, 'request'],
  ['AccessDenied', 403, 'request'],
  ['NoSuchBucket', 404, 'request'],
])('%s (%i) is %s', (name, status, code) => {
  expect(codeOf(name, status)).toBe(code);
});

test('a request that was signed by a wrong clock may be tried again once the clock is set', () => {
  const $metadata = { httpStatusCode: 403, clockSkewCorrected: true };
  const late = answered('RequestTimeTooSkewed', 403, { $metadata });
  expect(awsError('read', late)).toMatchObject({ code: 'unavailable' });
  const wrongKey = answered('SignatureDoesNotMatch', 403);
  expect(awsError('read', wrongKey)).toMatchObject({ code: 'request' });
});

test('what the service asks to wait is kept', () => {
  const $response = { headers: { 'retry-after': '2' } };
  const busy = answered('SlowDown', 503, { $response });
  expect(awsError('read', busy)).toMatchObject({ code: 'throttled', retryAfterMs: 2_000 });
  expect(awsError('read', answered('SlowDown', 503))).toMatchObject({ retryAfterMs: 0 });
});

test('only what the service said has a name', () => {
  expect(isNamed(answered('NoSuchKey', 404), 'NoSuchKey', 'NotFound')).toBe(true);
  expect(isNamed(answered('NoSuchBucket', 404), 'NoSuchKey')).toBe(false);
  expect(isNamed(Object.assign(new Error('no'), { name: 'NoSuchKey' }), 'NoSuchKey')).toBe(false);
  expect(isNamed(undefined, 'NoSuchKey')).toBe(false);
});
