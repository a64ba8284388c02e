import { MillraceError } from '../../core/errors.ts';

/** SQLite's result codes SQLITE_BUSY and SQLITE_LOCKED (https://www.sqlite.org/rescode.html). */
const busyCodes = new Set([5, 6]);
/** Out of file handles: others must close theirs first. */
const throttledCodes = new Set(['EMFILE', 'ENFILE', 'EBUSY', 'EAGAIN']);

/** Does the work and turns what node:sqlite throws into MillraceError; `what` names the work. */
export function sqlite<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw sqliteError(what, cause);
  }
}

function sqliteError(what: string, cause: unknown): unknown {
  if (cause instanceof MillraceError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  // ERR_INVALID_STATE: the database is closed. Anything else is not from SQLite, but a mistake of
  // ours.
  if (code !== 'ERR_SQLITE_ERROR' && code !== 'ERR_INVALID_STATE') return cause;
  const text = `Could not ${what}: ${message}`;
  return new MillraceError(isBusy(cause) ? 'throttled' : 'unavailable', text, { cause });
}

/** True for the error of node:sqlite that says that another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  // The lower byte is the primary code, the rest says more about it.
  return errcode !== undefined && busyCodes.has(errcode & 0xff);
}

/** True for the error that node:fs gives when a file or folder doesn't exist. */
export function isNotFound(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Turns what node:fs throws into MillraceError; `what` names the work. */
export function fileError(what: string, cause: unknown): unknown {
  if (cause instanceof MillraceError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined) return cause;
  const text = `Could not ${what}: ${message}`;
  if (code === 'ENAMETOOLONG') return new MillraceError('too-large', text, { cause });
  const throttled = throttledCodes.has(code);
  return new MillraceError(throttled ? 'throttled' : 'unavailable', text, { cause });
}
