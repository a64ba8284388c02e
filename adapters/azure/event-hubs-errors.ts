import { type ErrorCode, MillraceError } from '../../core/errors.ts';

/**
 * Codes of the client's MessagingError that are not `unavailable`. UnauthorizedError is: a role that was just given
 * and a key that was just changed take minutes to be known everywhere.
 */
const codes: Readonly<Record<string, ErrorCode>> = {
  ServerBusyError: 'throttled',
  // Five readers of one partition in one consumer group, for example.
  QuotaExceededError: 'throttled',
  SenderBusyError: 'throttled',
  InsufficientCreditError: 'throttled',
  MessagingEntityNotFoundError: 'request',
  MessagingEntityDisabledError: 'request',
  ArgumentError: 'request',
  ArgumentOutOfRangeError: 'request',
  InvalidOperationError: 'request',
  MessageTooLargeError: 'too-large',
};

/** Turns what the Event Hubs client throws into MillraceError; `what` names the work. A mistake of ours stays as it is. */
export function eventHubsError(what: string, cause: unknown): unknown {
  const error = innermost(cause);
  if (error instanceof MillraceError) return error;
  if (!(error instanceof Error) || isMistake(error)) return error;
  const { code } = error as { code?: unknown };
  const known = typeof code === 'string' && Object.hasOwn(codes, code) ? codes[code] : undefined;
  return new MillraceError(known ?? 'unavailable', `Could not ${what}: ${error.message}`, {
    cause,
  });
}

/** Does the work, and turns what it throws into MillraceError. */
export async function eventHubs<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw eventHubsError(what, cause);
  }
}

/** The client gives the errors of all its tries, and those of each try may again be several: the last one counts. */
function innermost(error: unknown): unknown {
  if (!(error instanceof AggregateError) || error.errors.length === 0) return error;
  return innermost(error.errors.at(-1));
}

/** The client checks its arguments by these. */
function isMistake(error: Error): boolean {
  return error instanceof TypeError || error instanceof RangeError;
}
