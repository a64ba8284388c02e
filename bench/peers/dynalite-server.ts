/**
 * The process of dynalite: tells its parent where it listens and, whenever asked, what was done to it since.
 */
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { startDynamoDb } from '../../test/emulators/dynamodb.ts';

/** What the parent hears first. */
export interface Listening {
  readonly endpoint: string;
}

/** What was done since the parent asked the last time. */
export interface Counted {
  readonly calls: number;
  /** As dynalite reports them to whoever asks; refused writes too, which consume units as others do. */
  readonly writeUnits: number;
  /** Of the items that are there by now, more than before. */
  readonly storedBytes: number;
}

type Item = Readonly<Record<string, unknown>>;
type Request = Readonly<Record<string, unknown>>;

const database = createRequire(import.meta.url)('dynalite/db/index.js') as {
  addConsumedCapacity: (data: Request, isRead: boolean, a?: Item, b?: Item) => unknown;
  checkConditional: (data: Request, existing?: Item) => unknown;
  itemSize: (item: Item) => number;
};

let counted = { calls: 0, writeUnits: 0, storedBytes: 0 };

const { addConsumedCapacity, checkConditional, itemSize } = database;

// Whoever does not ask for units is told none, so they are asked for here.
database.addConsumedCapacity = (data, isRead, before, after) => {
  if (!isRead) {
    const asked = { ...data, ReturnConsumedCapacity: 'TOTAL' };
    const used = addConsumedCapacity(asked, false, before, after) as { CapacityUnits: number };
    counted.writeUnits += used.CapacityUnits;
    counted.storedBytes += sizeOf(after) - sizeOf(before);
  }
  return addConsumedCapacity(data, isRead, before, after);
};

database.checkConditional = (data, existing) => {
  const refusal = checkConditional(data, existing);
  if (refusal) counted.writeUnits += Math.max(1, Math.ceil(sizeOf(existing) / 1_024));
  return refusal;
};

function sizeOf(item: Item | undefined): number {
  return item === undefined ? 0 : itemSize(item);
}

subscribe('http.server.request.start', () => {
  counted.calls += 1;
});

const { endpoint } = await startDynamoDb();
process.on('message', () => {
  process.send?.(counted satisfies Counted);
  counted = { calls: 0, writeUnits: 0, storedBytes: 0 };
});
process.on('disconnect', () => process.exit());
process.send?.({ endpoint } satisfies Listening);
