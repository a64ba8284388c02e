import { isTransient, MillraceError } from '../errors.ts';
import type { StreamRecord } from '../event.ts';
import { streamPartition } from '../journal/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { StreamReader } from '../ports/stream-reader.ts';
import type { Snapshot } from './snapshot.ts';

/** The first record that waits; null if there is none. */
type Waiting = Pick<StreamRecord, 'position' | 'arrival'> | null | 'unknown';

/** How far journals are behind their stream. */
export class Lag {
  private readonly stream: StreamReader;
  private readonly clock: Clock;
  private readonly lagMs: number;
  private readonly waiting = new Map<string, { at: number; first: Promise<Waiting> }>();

  /** `lagMs`: for how long what the stream said about a partition is good enough, milliseconds. */
  constructor(stream: StreamReader, clock: Clock, lagMs: number) {
    this.stream = stream;
    this.clock = clock;
    this.lagMs = lagMs;
  }

  /**
   * How long the oldest record that is not yet committed has waited, at most; null when the stream can't be asked:
   * an answer without it is better than none.
   */
  async seconds(
    partitions: readonly Pick<Snapshot, 'partition' | 'next'>[],
  ): Promise<number | null> {
    const now = this.clock.now();
    const lags = await Promise.all(
      partitions.map(async ({ partition, next }) => {
        const first = await this.firstWaiting(partition, next.position, now);
        if (first === 'unknown') return null;
        return first === null ? 0 : Math.max(0, now - first.arrival) / 1000;
      }),
    );
    return longestLag(lags);
  }

  /**
   * The first record at or after a position. What the stream said holds for `lagMs`, its silence too; those who ask
   * meanwhile share one call.
   */
  private async firstWaiting(name: string, position: bigint, now: number): Promise<Waiting> {
    const held = this.waiting.get(name);
    if (held !== undefined && now - held.at < this.lagMs) {
      const first = await held.first;
      if (first === null || first === 'unknown' || first.position >= position) return first;
    }
    const asked = { at: now, first: this.ask(name, position) };
    this.waiting.set(name, asked);
    return asked.first;
  }

  private async ask(name: string, position: bigint): Promise<Waiting> {
    const { partition } = streamPartition(name);
    try {
      if (this.stream.contiguous) {
        // Cheaper than a read, which is what there is without contiguous positions.
        const { latest } = await this.stream.bounds(partition);
        if (latest !== null && position > latest) return null;
      }
      const { records, caughtUp } = await this.stream.read(partition, position, 1);
      return records[0] ?? (caughtUp ? null : 'unknown');
    } catch (error) {
      if (isTransient(error)) return 'unknown';
      if (!(error instanceof MillraceError && error.code === 'request')) throw error;
      return (await this.isForgotten(partition)) ? null : 'unknown';
    }
  }

  /** Whether the stream has forgotten the partition: then nothing of it can wait. */
  private async isForgotten(partition: string): Promise<boolean> {
    try {
      return (await this.stream.partitions()).every(({ id }) => id !== partition);
    } catch {
      return false;
    }
  }
}

/** The longest of some lags; null when one of them is not known. */
export function longestLag(lags: readonly (number | null)[]): number | null {
  return lags.includes(null) ? null : Math.max(0, ...(lags as readonly number[]));
}
