import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { EventHubsEventPublisher } from '../../adapters/azure/event-hubs-event-publisher.ts';
import { EventHubsStreamReader } from '../../adapters/azure/event-hubs-stream-reader.ts';
import { type Bounds, StreamReader } from '../../core/ports/stream-reader.ts';
import { startEventHubs } from '../emulators/event-hubs.ts';
import type { Stream } from './stream.contract.ts';
import type { Factory, Failure, Subject } from './subject.ts';

const connection = process.env['MILLRACE_EVENT_HUBS_CONNECTION'];
const group = process.env['MILLRACE_EVENT_HUBS_GROUP'] ?? '$Default';

/**
 * The adapters of Event Hubs over an emulator of each subject's own or, where the environment names one, over a hub
 * that is there already:
 *
 * - MILLRACE_EVENT_HUBS_CONNECTION: a connection string with the hub as its EntityPath. It needs 3 partitions, and
 *   nobody else may send to it.
 * - MILLRACE_EVENT_HUBS_GROUP: a consumer group in which nobody else reads; default `$Default`.
 */
export const azureStream: Factory<Stream> = () =>
  connection === undefined ? overEmulator() : overHub(connection);

/** What the adapters demand of their clients. */
const clientOptions = { retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } };

/** Clients and the adapters over them. */
class Clients {
  private readonly clients: (EventHubProducerClient | EventHubConsumerClient)[] = [];
  private readonly connection: string;

  constructor(connection: string) {
    this.connection = connection;
  }

  stream(): Stream {
    const producer = new EventHubProducerClient(this.connection, clientOptions);
    const consumer = new EventHubConsumerClient(group, this.connection, clientOptions);
    this.clients.push(producer, consumer);
    return {
      publisher: new EventHubsEventPublisher(producer),
      reader: new EventHubsStreamReader(consumer),
    };
  }

  /** Closes what was opened; a client that never was would still open itself. */
  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }

  async open(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.getPartitionIds()));
  }
}

async function overEmulator(): Promise<Subject<Stream>> {
  const emulator = await startEventHubs({ hubs: { stream: { partitions: 3 } } });
  const clients = new Clients(emulator.connectionString('stream'));
  return {
    port: clients.stream(),
    another: () => clients.stream(),
    failures: [
      closedClients(clients),
      {
        name: 'a namespace that is down',
        code: 'unavailable',
        hits: 'all',
        inject: () => emulator.stop(),
      },
      {
        name: 'a namespace over its throughput',
        code: 'throttled',
        hits: 'all',
        inject: () => emulator.busy(true),
      },
    ],
    pass: async () => undefined,
    cleanup: async () => {
      await clients.close();
      await emulator.stop();
    },
  };
}

async function overHub(connection: string): Promise<Subject<Stream>> {
  const clients = new Clients(connection);
  const stream = clients.stream();
  const ends = new Map<string, bigint>();
  for (const { id } of await stream.reader.partitions()) {
    ends.set(id, ((await stream.reader.bounds(id)).latest as bigint) + 1n);
  }
  const fromNow = ({ publisher, reader }: Stream): Stream => ({
    publisher,
    reader: new ReaderFrom(reader, ends),
  });
  return {
    port: fromNow(stream),
    another: () => fromNow(clients.stream()),
    failures: [closedClients(clients)],
    pass: async () => undefined,
    cleanup: () => clients.close(),
  };
}

function closedClients(clients: Clients): Failure {
  return {
    name: 'closed clients',
    code: 'unavailable',
    hits: 'all',
    inject: async () => {
      await clients.open();
      await clients.close();
    },
  };
}

/** Shows a stream as if it had begun at given positions. */
class ReaderFrom extends StreamReader {
  override readonly contiguous: boolean;
  private readonly reader: StreamReader;
  private readonly starts: ReadonlyMap<string, bigint>;

  constructor(reader: StreamReader, starts: ReadonlyMap<string, bigint>) {
    super();
    this.reader = reader;
    this.starts = starts;
    this.contiguous = reader.contiguous;
  }

  override partitions(): ReturnType<StreamReader['partitions']> {
    return this.reader.partitions();
  }

  override async bounds(partition: string): Promise<Bounds> {
    const { earliest, latest } = await this.reader.bounds(partition);
    return { earliest: this.later(partition, earliest), latest };
  }

  override read(partition: string, from: bigint, limit: number): ReturnType<StreamReader['read']> {
    return this.reader.read(partition, this.later(partition, from), limit);
  }

  private later(partition: string, position: bigint): bigint {
    const start = this.starts.get(partition) ?? 0n;
    return position > start ? position : start;
  }
}
