import { UsageError } from './arguments.ts';

/**
 * The whole number that was given for an option or an argument.
 *
 * @param what its name: `--limit`, `partition`.
 * @throws UsageError for any other text.
 */
export function wholeNumber(what: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`${what} must be a whole number, not ${text}`);
}
