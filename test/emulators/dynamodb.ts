import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

/** A running emulator of DynamoDB. It takes any credentials. */
export interface DynamoDbEmulator {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** How long tables are being made and removed, in which they can't be used. */
interface DynaliteOptions {
  readonly createTableMs: number;
  readonly deleteTableMs: number;
}

type Value = Readonly<Record<string, unknown>> | undefined;

const load = createRequire(import.meta.url);
const dynalite = load('dynalite') as (options: DynaliteOptions) => Server;
const database = load('dynalite/db/index.js') as {
  compare: (comparison: string, value: Value, others: Value | readonly Value[]) => boolean;
};

// It compares texts by their UTF-16 units, where DynamoDB does by their UTF-8 bytes.
const { compare } = database;
database.compare = (comparison, value, others) =>
  compare(comparison, inBytes(value), [others].flat().map(inBytes));

function inBytes(value: Value): Value {
  const text = value?.['S'];
  return typeof text === 'string' ? { S: Buffer.from(text).toString('latin1') } : value;
}

/**
 * Starts dynalite, an emulator of DynamoDB, in this process, in memory, on a port of 127.0.0.1, a
 * free one by default; it doesn't keep the process from ending. It does right what a StateStore
 * needs: conditions, pages, order, reserved words, consumed capacity. It knows no transactions and
 * no streams, and removes nothing when its time is up.
 */
export async function startDynamoDb(port = 0): Promise<DynamoDbEmulator> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  // A client that makes use of a connection just when the server closes it for being idle would meet a reset.
  server.keepAliveTimeout = 0;
  server.listen(port, '127.0.0.1').unref();
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
