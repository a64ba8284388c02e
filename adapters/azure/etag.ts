/**
 * True for a version that as the condition of a request would mean any version: no item was ever
 * read with such a one.
 */
export function meansAny(version: string): boolean {
  return /^"?\*?"?$/.test(version);
}
