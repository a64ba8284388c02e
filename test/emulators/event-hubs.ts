import type { Keys } from './event-hubs/claims.ts';
import { serverBusy } from './event-hubs/conditions.ts';
import { Hub, type HubOptions } from './event-hubs/hub.ts';
import { LogFile } from './event-hubs/log-file.ts';
import type { Send, SendFault } from './event-hubs/publishing.ts';
import { type Listening, listen } from './event-hubs/server.ts';

/** What an emulator of Event Hubs is started with. */
export interface EventHubsOptions {
  /** Hubs by name. */
  readonly hubs: Readonly<Record<string, HubOptions>>;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** A file that keeps the events when the emulator ends; without one they are in memory alone. */
  readonly file?: string;
  /** Keys by the names of their policies; the first one goes into connection strings. */
  readonly keys?: Keys;
  /** The largest message, a batch included; default 1,048,576 as in the standard tier. */
  readonly messageBytesMax?: number;
  /** The time, epoch milliseconds; default Date.now. */
  readonly now?: () => number;
}

const defaultKeys: Keys = { RootManageSharedAccessKey: 'SAS_KEY_VALUE' };

/**
 * An Event Hubs for tests and local work. It speaks AMQP, so the official clients are clients of it as they are.
 * event-hubs.md says what of the protocol it knows, and which test shows it.
 */
export class EventHubs {
  /** Decides what goes wrong with each send; null for nothing. */
  onSend: (send: Send) => SendFault | null = () => null;
  private readonly options: EventHubsOptions;
  private readonly hubs = new Map<string, Hub>();
  private readonly now: () => number;
  private file: LogFile | null = null;
  private server: Listening | null = null;
  private lastPort: number;
  private isBusy = false;

  constructor(options: EventHubsOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.lastPort = options.port ?? 0;
    this.openFile();
    for (const [name, hub] of Object.entries(options.hubs)) this.addHub(name, hub);
  }

  get port(): number {
    return this.lastPort;
  }

  /** Makes a hub while the emulator runs. */
  addHub(name: string, options: HubOptions): void {
    this.file?.addHub(name, options.partitions);
    const kept = (partition: string) => this.file?.kept(name, partition) ?? null;
    this.hubs.set(name.toLowerCase(), new Hub(name, options, this.now, kept));
  }

  /** Deletes a hub and makes it anew, empty; the connections are cut. */
  recreateHub(name: string, options: HubOptions): void {
    this.file?.removeHub(name);
    this.addHub(name, options);
    this.dropConnections();
  }

  /** For the official clients, which read from `UseDevelopmentEmulator` that there is no TLS. */
  connectionString(hub?: string): string {
    const [name, key] = Object.entries(this.options.keys ?? defaultKeys)[0] as [string, string];
    const entity = hub === undefined ? '' : `;EntityPath=${hub}`;
    return (
      `Endpoint=sb://${this.options.host ?? '127.0.0.1'}:${this.port};SharedAccessKeyName=${name};` +
      `SharedAccessKey=${key};UseDevelopmentEmulator=true${entity}`
    );
  }

  /** Listens; after a `stop` again on the same port, with the same events. */
  async start(): Promise<void> {
    const { host = '127.0.0.1', keys = defaultKeys, messageBytesMax = 1_048_576 } = this.options;
    this.openFile();
    const refusal = () => (this.isBusy ? serverBusy : null);
    const fault = (send: Send) => (this.isBusy ? { reject: serverBusy } : this.onSend(send));
    const stored = (...what: Parameters<LogFile['store']>) => this.file?.store(...what);
    this.server = await listen(
      {
        hubs: this.hubs,
        keys,
        now: this.now,
        publishing: { messageBytesMax, fault, stored },
        refusal,
      },
      { host, port: this.lastPort },
    );
    this.lastPort = this.server.port;
  }

  /** Ends all connections, stops listening and closes the file. The events stay, for another `start`. */
  async stop(): Promise<void> {
    const { server, file } = this;
    this.server = null;
    this.file = null;
    await server?.stop();
    file?.close();
  }

  /** Cuts all connections without a word, as a network does. */
  dropConnections(): void {
    this.server?.dropConnections();
  }

  /** While it is busy, every send, request and new reader is told so. */
  busy(isBusy: boolean): void {
    this.isBusy = isBusy;
  }

  /** Removes the events of a partition before a sequence number, as retention does; gives how many they were. */
  trim(hub: string, partition: string, before: bigint): number {
    const found = (this.hubs.get(hub.toLowerCase()) as Hub).partition(partition);
    const removed = found.log.trim(before);
    this.file?.store(hub, found, [], null);
    return removed;
  }

  private openFile(): void {
    if (this.options.file !== undefined) this.file ??= new LogFile(this.options.file);
  }
}

/** Starts an emulator. */
export async function startEventHubs(options: EventHubsOptions): Promise<EventHubs> {
  const emulator = new EventHubs(options);
  try {
    await emulator.start();
  } catch (error) {
    await emulator.stop();
    throw error;
  }
  return emulator;
}
