import { isTransient } from '../errors.ts';

/**
 * For a status: null in place of what is damaged. It must not hide the rest, and maintenance, which stops at it, tells.
 *
 * @throws what another try may cure.
 */
export function hidden(error: unknown): null {
  if (isTransient(error)) throw error;
  return null;
}
