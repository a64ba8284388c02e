/**
 * Request units of Cosmos DB computed from sizes, for emulators, whose charges mean nothing, and for what the service
 * will charge.
 *
 * The service documents two points (https://learn.microsoft.com/azure/cosmos-db/optimize-cost-reads-writes):
 * an item of 1 KB costs 1 unit to read and 5 to insert without an index, one of 100 KB 10 and 50.
 * Between and beyond them a straight line is assumed. Reads are at session consistency; strong and
 * bounded staleness double them. Bytes are those of the item as JSON.
 */
import type { Operation } from './operations.ts';

const insertPerRead = 5;
/** What a query costs that finds nothing: not documented, as often observed. */
const queryBase = 2.3;

/** Units of a point read; of an item that isn't there, those of the smallest one. */
export function readUnits(bytes: number): number {
  const kilobytes = Math.max(1, bytes / 1024);
  return 1 + ((kilobytes - 1) * 9) / 99;
}

/** Units of an insert. */
export function createUnits(bytes: number): number {
  return insertPerRead * readUnits(bytes);
}

/** Units of a replace: documented as twice those of an insert. */
export function replaceUnits(bytes: number): number {
  return 2 * createUnits(bytes);
}

/** Units of a query in one partition that gives items of these sizes: each counts as a point read. */
export function queryUnits(bytesOfItems: readonly number[]): number {
  return bytesOfItems.reduce((sum, bytes) => sum + readUnits(bytes), queryBase);
}

/** Bytes of an item beside its body: its keys, and what the service and JSON add. */
const itemOverheadBytes = 360;

/** Bytes of an item as JSON, its body as base64. */
export function itemBytes(bytes: number): number {
  return (bytes * 4) / 3 + itemOverheadBytes;
}

/** Request units of calls, by second. */
export function requestUnits(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => sum + operation.perSecond * unitsOf(operation), 0);
}

function unitsOf({ kind, bytes, items }: Operation): number {
  const size = itemBytes(bytes);
  if (kind === 'create') return createUnits(size);
  if (kind === 'replace') return replaceUnits(size);
  if (kind === 'read') return readUnits(size);
  return queryUnits([]) + items * readUnits(size);
}
