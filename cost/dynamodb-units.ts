/**
 * Capacity units of DynamoDB computed from sizes, for what the service does not report (refused writes, and some
 * emulators) and for what it will report
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html).
 */
import type { Operation } from './operations.ts';

const writeBytes = 1_024;
const readBytes = 4_096;

/** Units of a write: one for each KB begun of the larger of the old and the new item. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / writeBytes));
}

/** Units of a strongly consistent read: one for each 4 KB begun of an item, or of all items of a query. */
export function readUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / readBytes));
}

/** Bytes of an item beside its body: keys, names of attributes, version, expiry. */
export const itemOverheadBytes = 140;

/** Units of a second of calls. */
export interface DynamoDbUnits {
  readonly write: number;
  readonly read: number;
}

/**
 * Units of calls, by second. Sizes are means: the items are smaller and larger, so what is begun is half a KB or 4 KB
 * in the mean.
 */
export function dynamoDbUnits(operations: readonly Operation[]): DynamoDbUnits {
  let [write, read] = [0, 0];
  for (const { kind, perSecond, bytes, items } of operations) {
    const all = (bytes + itemOverheadBytes) * items;
    if (kind === 'create' || kind === 'replace') write += perSecond * meanUnits(all, writeBytes);
    else read += perSecond * meanUnits(all, readBytes);
  }
  return { write, read };
}

/** Units begun of items whose mean size is this. */
function meanUnits(bytes: number, unitBytes: number): number {
  return Math.max(1, bytes / unitBytes + 0.5);
}
