/**
 * Capacity units of DynamoDB computed from sizes, for what the service does not report: refused
 * writes, and some emulators
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html).
 */

/** Units of a write: one for each KB begun of the larger of the old and the new item. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

/** Units of a strongly consistent read: one for each 4 KB begun of an item, or of all items of a query. */
export function readUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 4096));
}
