import { type ErrorCode, MillraceError } from '../../core/errors.ts';

/** What the clients of AWS throw. */
interface AwsError {
  readonly name?: string;
  readonly message?: string;
  /** Whose it is; missing if the answer could not be read. */
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    /** The client has set its clock by the service's: it signs the next request with the right time. */
    readonly clockSkewCorrected?: boolean;
  };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/**
 * Errors whose code does not follow from their status. Those whose names hold `Throttl`, of which
 * every service has some, are `throttled` besides.
 *
 * - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 * - https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html#API_PutRecords_Errors
 * - https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
const codes: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  // DynamoDB, Kinesis: a partition or shard is over its share.
  ['ProvisionedThroughputExceededException', 'throttled'],
  // DynamoDB: the account is over its share.
  ['RequestLimitExceeded', 'throttled'],
  // DynamoDB: another request on the same item is under way, in a transaction or another region.
  ['TransactionConflictException', 'throttled'],
  ['ReplicatedWriteConflictException', 'throttled'],
  // Kinesis: too many calls that ask about streams.
  ['LimitExceededException', 'throttled'],
  // Kinesis: the stream is being made or changed.
  ['ResourceInUseException', 'unavailable'],
  // S3: too many requests; 503.
  ['SlowDown', 'throttled'],
  ['Busy', 'throttled'],
  // S3: another request on the same object or bucket is under way; 409.
  ['OperationAborted', 'unavailable'],
  // S3: what was sent came too slowly; 400.
  ['RequestTimeout', 'unavailable'],
  ['EntityTooLarge', 'too-large'],
  // SQS: too many messages are with receivers.
  ['OverLimit', 'throttled'],
]);

const statuses: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [408, 'unavailable'],
  [413, 'too-large'],
  [429, 'throttled'],
]);

/** True for an error of AWS with one of these names, such as `NoSuchKey`. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  const { name = '', $fault } = (error ?? {}) as AwsError;
  return $fault !== undefined && names.includes(name);
}

/** Turns what the clients of AWS throw into MillraceError; `what` names the work. */
export function awsError(what: string, cause: unknown): unknown {
  const { name = '', message, $fault, $metadata, $response } = (cause ?? {}) as AwsError;
  const status = $metadata?.httpStatusCode;
  if (status === undefined || status < 400) return withoutStatus(what, cause, status);
  const text = `Could not ${what}: ${status} ${name} ${firstLine(message)}`.trimEnd();
  const seconds = Number($response?.headers?.['retry-after'] ?? 0);
  const options = { cause, retryAfterMs: seconds > 0 ? seconds * 1000 : 0 };
  // Half an answer, or one of somebody on the way: the service may have said anything.
  if ($fault === undefined) {
    return new MillraceError(statuses.get(status) ?? 'unavailable', text, options);
  }
  const corrected = $metadata?.clockSkewCorrected === true && status < 500;
  return new MillraceError(corrected ? 'unavailable' : codeOf(name, status), text, options);
}

/** What became of a request, or a part of it, that was answered by this name and status. */
export function codeOf(name: string, status: number): ErrorCode {
  const known = codes.get(name) ?? (/Throttl/.test(name) ? 'throttled' : statuses.get(status));
  return known ?? (status >= 500 ? 'unavailable' : 'request');
}

/**
 * No answer, half an answer, an answer that can't be read, or no credentials to ask with. Only what
 * shows a mistake of ours stays as it is.
 */
function withoutStatus(what: string, cause: unknown, status: number | undefined): unknown {
  if (cause instanceof MillraceError || !(cause instanceof Error)) return cause;
  const ours = cause instanceof TypeError || cause instanceof ReferenceError;
  if (ours && status === undefined) return cause;
  const text = `Could not ${what}: ${firstLine(cause.message)}`;
  return new MillraceError('unavailable', text, { cause });
}

function firstLine(message = ''): string {
  return message.split('\n')[0] ?? '';
}
