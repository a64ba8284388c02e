import { gzipSync } from 'node:zlib';
import { vi } from 'vitest';
import type { Random } from '../../testing/simulation/random.ts';
import type { AppUnderTest } from './app-under-test.ts';
import { day, type StormEvent } from './storm-events.ts';

const retryMs = 20;
/** What is sent at most while one fault strikes. */
const batchesAhead = 10;
const patienceMs = 120_000;

/**
 * Sends batches of events with stable ids through the app's door, each again and again until it is confirmed, and some
 * of them once more, however old. It also puts records into the stream that no pipeline can read.
 */
export class StormProducer {
  /** Ids of the events that the app has confirmed. */
  readonly confirmed = new Set<string>();
  batches = 0;
  retries = 0;
  private readonly sent: (readonly StormEvent[])[] = [];
  private events = 0;
  private allowed = 0;
  private stopping = false;
  private readonly app: AppUnderTest;
  private readonly random: Random;
  private readonly waiting = new Set<() => void>();

  constructor(app: AppUnderTest, random: Random) {
    this.app = app;
    this.random = random;
  }

  /** Sends until `stop`, and then until the last batch is confirmed. */
  async run(senders: number): Promise<void> {
    try {
      await Promise.all(Array.from({ length: senders }, () => this.sender()));
    } finally {
      this.stop();
    }
  }

  stop(): void {
    this.stopping = true;
    this.look();
  }

  /** Sends on; resolves when so many more batches are confirmed, or when there will be none. */
  more(batches: number): Promise<void> {
    const wanted = this.batches + batches;
    this.allowed = wanted + batchesAhead;
    this.look();
    return this.until(() => this.batches >= wanted);
  }

  private async sender(): Promise<void> {
    for (;;) {
      await this.until(() => this.batches < this.allowed);
      if (this.stopping) return;
      const { random } = this;
      const events = Array.from({ length: random.int(1, 40) }, () => this.next());
      await this.sendUntilConfirmed(events);
      for (const { id } of events) this.confirmed.add(id);
      this.sent.push(events);
      if (random.chance(0.2)) await this.sendUntilConfirmed(random.pick(this.sent));
      if (random.chance(0.1)) await this.putJunk();
      this.batches += 1;
      this.look();
    }
  }

  /** Resolves when a condition holds, or when no more is to be sent. */
  private until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds() && !this.stopping) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  private look(): void {
    for (const look of this.waiting) look();
  }

  /** Time goes on with the events; some come too early or too late. */
  private next(): StormEvent {
    const { random } = this;
    this.events += 1;
    const behindMs = random.chance(0.05) ? random.int(100_000, 400_000) : random.int(0, 25_000);
    return {
      id: `e${this.events}`,
      at: day + 3_600_000 + this.events * 200 - behindMs,
      key: `k${random.int(0, 11)}`,
      value: random.chance(0.02) ? random.pick([0, 13]) : random.int(14, 1_000),
    };
  }

  private async sendUntilConfirmed(events: readonly StormEvent[]): Promise<void> {
    const lines = events.map((event) => JSON.stringify(event)).join('\n');
    const body = this.random.chance(0.5) ? lines : gzipSync(lines);
    let tries = 0;
    await vi.waitFor(
      async () => {
        tries += 1;
        const response = await this.app.request('/v1/events', { method: 'POST', body });
        const text = await response.text();
        if (response.status >= 400 && response.status < 500) this.stopping = true;
        const { accepted } = JSON.parse(text || '{}');
        if (response.status === 202 && accepted === events.length) return;
        throw new Error(`not confirmed: ${response.status} ${text}`);
      },
      { timeout: patienceMs, interval: retryMs },
    );
    this.retries += tries - 1;
  }

  /** A record that is lost on the way is none: nobody waits for it. */
  private async putJunk(): Promise<void> {
    const [first] = await this.app.stream.partitions().catch(() => []);
    const body = Buffer.from(this.random.pick(['not JSON', '{"id":"x"}']));
    if (first === undefined) return;
    await this.app.put(first.id, [{ arrival: day + 86_400_000, body }]).catch(() => {});
  }
}
