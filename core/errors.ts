/**
 * What went wrong, for code to act on; the message is for people.
 *
 * - `unavailable`, `throttled`: try again later (the core does, with jitter).
 * - `too-large`: over a limit of the port or of Millrace; never retried.
 * - `damaged`: bytes read back are not what was written; names the item.
 * - `missing`: an item that must exist is gone; the partition stops.
 * - `definition`: a pipeline definition or a setting is wrong; `problems` lists all of them.
 * - `request`: the caller asked for something that can't be; `problems` lists it.
 * - `timeout`: the time budget ran out; what was committed stays.
 * - `bug`: an invariant broke; please report it.
 */
export type ErrorCode =
  | 'unavailable'
  | 'throttled'
  | 'too-large'
  | 'damaged'
  | 'missing'
  | 'definition'
  | 'request'
  | 'timeout'
  | 'bug';

/** The one error class of Millrace. Expected outcomes (a lost race, nothing there) are values, never errors. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: ErrorCode;
  /** Every single problem found, one sentence each; the message holds them too. */
  readonly problems: readonly string[];
  /** How long the service wants to be left alone, milliseconds; 0 if it did not say. */
  readonly retryAfterMs: number;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly problems?: readonly string[];
      readonly retryAfterMs?: number;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/** True for errors that another try may cure: `unavailable` and `throttled`. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof MillraceError && (error.code === 'unavailable' || error.code === 'throttled')
  );
}
