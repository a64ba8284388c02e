import { type BatchDeliveryParts, deliverBatch } from './batch-delivery.ts';
import { batchLength, type ShardRecord } from './kinesis-event.ts';
import type { ShardReader } from './shard-reader.ts';

/** What a processor is made of. */
export interface ShardProcessorParts extends BatchDeliveryParts {
  readonly reader: ShardReader;
  /** How long it waits when there is nothing. */
  readonly pollMs: number;
  readonly onTrouble: (message: string) => void;
  /** Whether it ends when it has caught up. */
  readonly endsWhenCaughtUp?: boolean;
}

/** Processes one shard: one batch at a time, in order, to the end of the shard. */
export class ShardProcessor {
  private readonly parts: ShardProcessorParts;
  private held: ShardRecord[] = [];
  private caughtUp = false;

  constructor(parts: ShardProcessorParts) {
    this.parts = parts;
  }

  /** Resolves when all of the shard is processed, with true, or when it is stopped, with false. */
  async run(): Promise<boolean> {
    const { stopping, reader, wait, pollMs, settings, endsWhenCaughtUp = false } = this.parts;
    while (!stopping.aborted) {
      if (!this.isFull) await this.read();
      if (this.held.length === 0) {
        if (reader.isEnded || (endsWhenCaughtUp && this.caughtUp)) return true;
        if (this.caughtUp) await wait(pollMs, stopping);
        continue;
      }
      if (settings.windowMs > 0) await this.fill();
      if (stopping.aborted) return false;
      const batch = this.held.splice(0, batchLength(this.held, settings.batchRecords));
      await deliverBatch(batch, this.parts);
    }
    return false;
  }

  /** Whether there is enough for a batch. */
  private get isFull(): boolean {
    const length = batchLength(this.held, this.parts.settings.batchRecords);
    return length === this.parts.settings.batchRecords || length < this.held.length;
  }

  /** Waits for more until the batch is full or the window is over. */
  private async fill(): Promise<void> {
    const { settings, now, wait, pollMs, stopping, reader } = this.parts;
    const overMs = now() + settings.windowMs;
    while (!this.isFull && !reader.isEnded && !stopping.aborted && now() < overMs) {
      await wait(Math.max(0, Math.min(pollMs, overMs - now())), stopping);
      await this.read();
    }
  }

  private async read(): Promise<void> {
    const { reader, onTrouble, wait, pollMs, stopping } = this.parts;
    if (reader.isEnded) return;
    try {
      const { records, behindMs } = await reader.read();
      this.held.push(...records);
      this.caughtUp = behindMs === 0;
    } catch (error) {
      onTrouble(String(error));
      await wait(pollMs, stopping);
    }
  }
}
