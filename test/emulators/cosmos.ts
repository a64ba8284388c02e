import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHttpServer } from '@vercel/cosmosdb-server';

/** A running emulator of Cosmos DB. */
export interface CosmosEmulator {
  readonly endpoint: string;
  /** It takes any. */
  readonly key: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts an emulator of Cosmos DB in this process, in memory, on a port of 127.0.0.1, a free one by default; it
 * doesn't keep the process from ending. It does right what a StateStore needs: conflicts, ETags,
 * point reads, and queries that name the partition key in WHERE (it ignores the header). It applies
 * no time to live, charges 1 for everything, and a container that is gone is like one that is empty.
 */
export async function startCosmos(port = 0): Promise<CosmosEmulator> {
  const server = createHttpServer({ keepAlive: true });
  server.listen(port, '127.0.0.1').unref();
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    key: Buffer.from('any key').toString('base64'),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
