import { MillraceError } from '../errors.ts';

/** The error for a query that would read more than a limit allows. */
export function tooWide(what: string): MillraceError {
  const text = `the query reads too much: ${what}. Give a narrower range with from and to`;
  return new MillraceError('request', text, { problems: [text] });
}
