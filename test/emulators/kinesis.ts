import { answerTo, type OnRequest } from './kinesis/answering.ts';
import { type Listening, listen } from './kinesis/server.ts';
import type { Stream } from './kinesis/stream.ts';
import { Streams } from './kinesis/streams.ts';

/** What an emulator of Kinesis Data Streams is started with. */
export interface KinesisOptions {
  /** How long streams take to be created, deleted, split and merged, on the emulator's clock; default 0. */
  readonly changeMs?: number;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** The time, epoch milliseconds; default Date.now. */
  readonly now?: () => number;
}

/**
 * A Kinesis Data Streams for tests and local work, in memory. It speaks the service's JSON protocol over HTTP/1.1
 * and HTTP/2, so the official client is a client of it as it is; any credentials and region will do. kinesis.md says
 * what of the service it knows.
 */
export class Kinesis {
  /** Decides what goes wrong with each request; null for nothing, a promise to delay it. */
  onRequest: OnRequest = () => null;
  private readonly streams: Streams;
  private ahead = 0;
  private lastPort: number;
  private server: Listening | null = null;

  constructor({ changeMs = 0, port = 0, now = Date.now }: KinesisOptions) {
    this.streams = new Streams(() => now() + this.ahead, changeMs);
    this.lastPort = port;
  }

  /** For the client's option of this name. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.lastPort}`;
  }

  /** Listens; after a `stop` again on the same port, with the same streams. */
  async start(): Promise<void> {
    const answering = (request: Parameters<typeof answerTo>[0]) =>
      answerTo(request, this.streams, this.onRequest);
    this.server = await listen(answering, this.lastPort);
    this.lastPort = this.server.port;
  }

  /** Cuts all connections and stops listening. The streams stay, for another `start`. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    await server?.stop();
  }

  /** Cuts all connections without a word, as a network does. */
  dropConnections(): void {
    this.server?.dropConnections();
  }

  /** Lets time pass for it: iterators expire, and records that retention keeps no longer are gone. */
  advance(ms: number): void {
    this.ahead += ms;
  }

  /** Removes the records of a shard before a sequence number, as retention does; gives how many they were. */
  trim(stream: string, shard: string, before: string): number {
    return (this.streams.find(stream) as Stream).shard(shard).trim(BigInt(before));
  }
}

/** Starts an emulator. */
export async function startKinesis(options: KinesisOptions = {}): Promise<Kinesis> {
  const emulator = new Kinesis(options);
  await emulator.start();
  return emulator;
}
