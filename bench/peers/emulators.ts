/**
 * The process of the emulators: dynalite for DynamoDB, fauxqs for S3 and SQS. Tells its parent where they listen and,
 * whenever asked, what was done to them since.
 */
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';

/** What the parent hears first. */
export interface Listening {
  readonly dynamoDb: string;
  /** Of S3 and SQS. */
  readonly objects: string;
}

/** What was done since the parent asked the last time. */
export interface Counted {
  /** Requests, whatever became of them. */
  readonly calls: number;
  /** As dynalite reports them to whoever asks; refused writes too, which consume units as others do. */
  readonly writeUnits: number;
  /** Of the items that are there by now, more than before. */
  readonly storedBytes: number;
}

type Item = Readonly<Record<string, unknown>>;
type Request = Readonly<Record<string, unknown>>;

const load = createRequire(import.meta.url);
const dynalite = load('dynalite') as (options: { readonly createTableMs: number }) => Server;
const database = load('dynalite/db/index.js') as {
  addConsumedCapacity: (data: Request, isRead: boolean, before?: Item, after?: Item) => unknown;
  checkConditional: (data: Request, existing?: Item) => unknown;
  itemSize: (item: Item) => number;
};
const { addConsumedCapacity, checkConditional, itemSize } = database;
const unitBytes = 1_024;

let counted = { calls: 0, writeUnits: 0, storedBytes: 0 };

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
  if (refusal) counted.writeUnits += Math.max(1, Math.ceil(sizeOf(existing) / unitBytes));
  return refusal;
};

function sizeOf(item: Item | undefined): number {
  return item === undefined ? 0 : itemSize(item);
}

subscribe('http.server.request.start', () => {
  counted.calls += 1;
});

const server = dynalite({ createTableMs: 0 });
// A client that makes use of a connection just when the server closes it for being idle would meet a reset.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const objects = await buildApp({ logger: false }).listen({ host: '127.0.0.1', port: 0 });

process.on('message', () => {
  process.send?.(counted satisfies Counted);
  counted = { calls: 0, writeUnits: 0, storedBytes: 0 };
});
process.on('disconnect', () => process.exit());
process.send?.({ dynamoDb: `http://127.0.0.1:${port}`, objects } satisfies Listening);
