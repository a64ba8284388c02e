import { type ErrorCode, MillraceError } from '../../core/errors.ts';

/** What the clients of Azure throw: of Cosmos DB with a number as its code, of Storage a text. */
interface AzureError {
  readonly message?: string;
  readonly code?: number | string;
  /** Of Cosmos DB: says more about the status. */
  readonly substatus?: number;
  readonly retryAfterInMs?: number;
  /** Of Storage. */
  readonly statusCode?: number;
  readonly details?: { readonly errorCode?: string };
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/** The item is there, but this replica has not seen what this client has: another try may. */
const readSessionNotAvailable = 1002;
const containerNotFound = 1003;
/** The region takes no writes just now, or its account is not known there yet: a failover. */
const failover = [3, 1008];

const codes: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [408, 'unavailable'],
  [410, 'unavailable'],
  [413, 'too-large'],
  [429, 'throttled'],
  // Cosmos DB: another request on the same item is under way.
  [449, 'throttled'],
]);

/** True if Cosmos DB says that the item isn't there (and not that its container isn't). */
export function isItemMissing(error: unknown): boolean {
  const { code, substatus } = (error ?? {}) as AzureError;
  return code === 404 && substatus !== readSessionNotAvailable && substatus !== containerNotFound;
}

/** True for an error of Cosmos DB with this HTTP status. */
export function hasStatus(error: unknown, status: number): boolean {
  return ((error ?? {}) as AzureError).code === status;
}

/** Turns what the client of Cosmos DB throws into MillraceError; `what` names the work. */
export function cosmosError(what: string, cause: unknown): unknown {
  const { code, substatus = 0, message, retryAfterInMs = 0 } = (cause ?? {}) as AzureError;
  if (typeof code !== 'number') return withoutStatus(what, cause);
  const passing =
    (code === 404 && substatus === readSessionNotAvailable) ||
    (code === 403 && failover.includes(substatus));
  const status = substatus === 0 ? `${code}` : `${code}/${substatus}`;
  const text = `Could not ${what}: ${status} ${firstLine(message)}`;
  const options = { cause, retryAfterMs: retryAfterInMs };
  return new MillraceError(passing ? 'unavailable' : codeOf(code), text, options);
}

/** The error code that Storage gave, such as `BlobNotFound`; '' if it gave none. */
export function storageCode(error: unknown): string {
  const { code, details } = (error ?? {}) as AzureError;
  return details?.errorCode ?? (typeof code === 'string' ? code : '');
}

/** Turns what the clients of Storage throw into MillraceError; `what` names the work. */
export function storageError(what: string, cause: unknown): unknown {
  const { statusCode, message, response } = (cause ?? {}) as AzureError;
  if (statusCode === undefined || statusCode < 400) return withoutStatus(what, cause);
  const text = `Could not ${what}: ${statusCode} ${storageCode(cause)} ${firstLine(message)}`;
  const seconds = Number(response?.headers?.get('retry-after') ?? 0);
  const options = { cause, retryAfterMs: seconds > 0 ? seconds * 1000 : 0 };
  return new MillraceError(storageCodeOf(statusCode, storageCode(cause)), text, options);
}

function storageCodeOf(status: number, code: string): ErrorCode {
  if (code === 'MessageTooLarge') return 'too-large';
  // Storage throttles by 503 ServerBusy; 500 OperationTimedOut is its other way to be slow.
  return status === 503 ? 'throttled' : codeOf(status);
}

function codeOf(status: number): ErrorCode {
  return codes.get(status) ?? (status >= 500 ? 'unavailable' : 'request');
}

/**
 * No answer, half an answer, an answer that can't be read, or no token to ask with. Only what shows
 * a mistake of ours stays as it is.
 */
function withoutStatus(what: string, cause: unknown): unknown {
  if (cause instanceof MillraceError || !(cause instanceof Error)) return cause;
  if (cause instanceof TypeError || cause instanceof ReferenceError) return cause;
  return new MillraceError('unavailable', `Could not ${what}: ${firstLine(cause.message)}`, {
    cause,
  });
}

function firstLine(message = ''): string {
  return message.split('\n')[0] ?? '';
}
