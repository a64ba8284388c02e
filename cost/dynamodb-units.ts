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

/**
 * Bytes of an item beside its body, about: the names of its attributes have 24, its version 36, its expiry 6, its keys
 * some 54, of which the name of a shard has 20.
 */
export const itemOverheadBytes = 120;

/** Units of a second of calls. */
export interface DynamoDbUnits {
  readonly write: number;
  readonly read: number;
}

/** Units of calls, by second, of items whose mean size is known. */
export function dynamoDbUnits(operations: readonly Operation[]): DynamoDbUnits {
  let [write, read] = [0, 0];
  for (const { kind, perSecond, bytes, items, spread } of operations) {
    const all = (bytes + itemOverheadBytes) * items;
    if (kind === 'create' || kind === 'replace')
      write += perSecond * meanUnits(all, writeBytes, spread);
    else read += perSecond * meanUnits(all, readBytes, spread);
  }
  return { write, read };
}

/** No two items are of the same size to the byte. */
const spreadMin = 0.005;

/** The mean of the units begun, over items spread evenly around their mean size. */
function meanUnits(bytes: number, unitBytes: number, wanted: number): number {
  const spread = Math.max(spreadMin, wanted);
  const [from, to] = [1 - spread, 1 + spread].map((share) => (share * bytes) / unitBytes);
  if (from === undefined || to === undefined || to <= 1) return 1;
  return (begunTo(to) - begunTo(from)) / (to - from);
}

/** The integral of units begun from nothing to a size: of 2.5 units 1 + 2 + 3 x 0.5; the least is one. */
function begunTo(units: number): number {
  const whole = Math.floor(units);
  return (whole * (whole + 1)) / 2 + (whole + 1) * (units - whole);
}
