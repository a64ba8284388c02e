import { UsageError } from './arguments.ts';

/**
 * The whole number that was given for an option or an argument.
 *
 * @param what its name: `--limit`, `partition`.
 * @param most the largest that it may be.
 * @throws UsageError for any other text.
 */
export function wholeNumber(what: string, text: string, most: number = 999_999_999_999): number {
  if (/^\d{1,12}$/.test(text) && Number(text) <= most) return Number(text);
  const bound = /^\d+$/.test(text) ? ` up to ${most}` : '';
  throw new UsageError(`${what} must be a whole number${bound}, not ${text}`);
}
