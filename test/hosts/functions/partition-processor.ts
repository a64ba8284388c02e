import type { Wait } from '../wait.ts';
import type { EventHubsSettings } from './host-json.ts';

/** What the processor needs of an event. */
export interface ReceivedEvent {
  readonly sequenceNumber: number;
}

/** What a processor does, and where the time comes from. */
export interface PartitionProcessorParts<E extends ReceivedEvent> {
  readonly settings: EventHubsSettings;
  /** Runs the function on a batch, with its retry policy. Never rejects: a failure changes nothing here. */
  readonly execute: (events: readonly E[], cancelled: AbortSignal) => Promise<void>;
  /** Never rejects. */
  readonly checkpoint: (event: E) => Promise<void>;
  /** When the checkpoint that the partition starts from was written, epoch milliseconds; null for none. */
  readonly lastCheckpointAt: number | null;
  readonly now: () => number;
  readonly wait: Wait;
}

/**
 * One partition as the Event Hubs extension processes it (`EventHubListener.PartitionProcessor` of
 * Microsoft.Azure.WebJobs.Extensions.EventHubs): one batch at a time, and a checkpoint every
 * `batchCheckpointFrequency` batches *whether the function succeeded or failed*. Only lost ownership and a
 * stopping listener withhold it.
 */
export class PartitionProcessor<E extends ReceivedEvent> {
  private readonly parts: PartitionProcessorParts<E>;
  /** Batches since the last checkpoint. */
  private batches = 0;
  private lastProcessed: E | null = null;
  /** Events that wait until they are `minEventBatchSize`, or until `maxWaitTime` is over. */
  private held: E[] = [];
  private isFirst = true;
  private waiting: AbortController | null = null;
  private turn: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();
  private readonly ownershipLost = new AbortController();
  private readonly cancelled: AbortSignal;

  constructor(parts: PartitionProcessorParts<E>) {
    this.parts = parts;
    this.cancelled = AbortSignal.any([this.stopping.signal, this.ownershipLost.signal]);
  }

  /** Resolves when the function is done with what there was enough of. */
  process(events: readonly E[]): Promise<void> {
    return this.inTurn(async () => {
      const { eventsMin, eventsMax } = this.parts.settings;
      this.held.push(...events);
      if (this.held.length > 0 && this.held.length >= eventsMin) {
        await this.dispatch(this.held.splice(0, eventsMax));
        this.waiting?.abort();
        this.waiting = null;
      }
      if (this.held.length > 0 && this.waiting === null) {
        this.waiting = new AbortController();
        void this.dispatchLater(this.waiting.signal);
      }
    });
  }

  /** From now on nothing is checkpointed: the function may not have processed what it was given. */
  stop(): void {
    this.stopping.abort();
  }

  /** Comes after `process` has resolved, except when the ownership is lost: that can come at any time. */
  async close(reason: 'OwnershipLost' | 'Shutdown'): Promise<void> {
    if (reason === 'OwnershipLost') this.ownershipLost.abort();
    else this.stopping.abort();
    this.held = [];
    // Newer versions of the extension checkpoint here what the frequency has held back.
    const { settings, checkpoint } = this.parts;
    const isDue = settings.checkpointBatches > 1 && this.batches > 0;
    if (reason === 'Shutdown' && isDue && this.lastProcessed !== null) {
      this.batches = 0;
      await checkpoint(this.lastProcessed);
    }
  }

  /** How many events wait for more. */
  get heldEvents(): number {
    return this.held.length;
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }

  private async dispatch(events: readonly E[]): Promise<void> {
    this.batches += 1;
    const isDue = this.batches >= this.parts.settings.checkpointBatches;
    await this.parts.execute(events, this.cancelled);
    this.isFirst = false;
    const last = events.at(-1)!;
    this.lastProcessed = last;
    if (!isDue || this.cancelled.aborted) return;
    await this.parts.checkpoint(last);
    this.batches = 0;
  }

  private async dispatchLater(dispatched: AbortSignal): Promise<void> {
    const over = AbortSignal.any([dispatched, this.cancelled]);
    await this.parts.wait(this.waitMs(), over);
    await this.inTurn(async () => {
      if (over.aborted) return;
      this.waiting = null;
      const { eventsMax } = this.parts.settings;
      if (this.held.length > 0) await this.dispatch(this.held.splice(0, eventsMax));
    });
  }

  /** The first wait counts from the last checkpoint: the partition may just have moved here. */
  private waitMs(): number {
    const { settings, lastCheckpointAt, now } = this.parts;
    if (!this.isFirst) return settings.waitMsMax;
    if (lastCheckpointAt === null) return 0;
    return Math.max(0, settings.waitMsMax - (now() - lastCheckpointAt));
  }
}
