import { gzipSync } from 'node:zlib';

/** An event of `tally`. */
interface Tallied {
  readonly id: string;
  readonly at: number;
  readonly key: string;
  readonly value: number;
}

/** What a view of all events must hold, by window and key. */
export type Model = Map<string, { count: number; sum: number; least: number }>;

const day = Date.UTC(2026, 0, 1);
const windowMs = 600_000;

/** Random numbers of a seed, at least 0, less than 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Sends batches of events with stable ids, several at a time, each again and again until it is confirmed. Which
 * server is up, it asks for every try.
 */
export class RetryingProducer {
  readonly model: Model = new Map();
  events = 0;
  confirmed = 0;
  retries = 0;
  private stopping = false;
  private abandoned = false;
  private readonly random: () => number;
  private readonly server: () => Promise<string>;

  constructor(seed: number, server: () => Promise<string>) {
    this.random = randomOf(seed);
    this.server = server;
  }

  /** Sends until `stop`, and then until the last batch is confirmed. */
  async run(senders: number): Promise<void> {
    await Promise.all(Array.from({ length: senders }, () => this.sender()));
  }

  stop(): void {
    this.stopping = true;
  }

  /** Ends at once, confirmed or not. */
  abandon(): void {
    this.stopping = true;
    this.abandoned = true;
  }

  private async sender(): Promise<void> {
    while (!this.stopping) {
      const batch = Array.from({ length: 1 + Math.floor(this.random() * 60) }, () => this.next());
      while (!this.abandoned && !(await this.send(batch))) this.retries += 1;
      this.confirmed += batch.length;
    }
  }

  private next(): Tallied {
    const { random } = this;
    this.events += 1;
    const event = {
      id: `e${this.events}`,
      at: day + Math.floor(random() * 36) * windowMs + Math.floor(random() * windowMs),
      key: `k${Math.floor(random() * 12)}`,
      value: Math.floor(random() * 2_000) - 1_000,
    };
    const name = `${new Date(event.at - (event.at % windowMs)).toISOString()} ${event.key}`;
    const row = this.model.get(name) ?? { count: 0, sum: 0, least: Number.POSITIVE_INFINITY };
    row.count += 1;
    row.sum += event.value;
    row.least = Math.min(row.least, event.value);
    this.model.set(name, row);
    return event;
  }

  /** False when it isn't known that the server has them all. */
  private async send(batch: readonly Tallied[]): Promise<boolean> {
    const url = await this.server();
    const lines = batch.map((event) => JSON.stringify(event)).join('\n');
    const body = this.random() < 0.5 ? lines : gzipSync(lines);
    try {
      const response = await fetch(`${url}/v1/events`, { method: 'POST', body });
      const { accepted } = (await response.json()) as { accepted?: number };
      if (response.status === 202 && accepted === batch.length) return true;
      if (response.status === 503) return false;
    } catch {
      return false;
    }
    throw new Error('a good batch was refused');
  }
}
