import { compression } from '../../../adapters/compression.ts';
import type { ManualClock } from '../../../adapters/memory/manual-clock.ts';
import { defaultLimits } from '../../../core/limits.ts';
import {
  EventPublisher,
  type OutgoingRecord,
  type PublishOutcome,
} from '../../../core/ports/event-publisher.ts';
import { unpack } from '../../../core/record/unpack.ts';

/** What the stream says to one call: outcomes, or an error to throw. */
export type Script = (records: readonly OutgoingRecord[], call: number) => PublishOutcome[] | Error;

/** A stream that answers as it is told and keeps what it took. */
export class ScriptedPublisher extends EventPublisher {
  override readonly recordBytesMax: number = 1_000_000;
  override readonly callRecordsMax: number = 500;
  readonly calls: (readonly OutgoingRecord[])[] = [];
  /** All that was taken, also when the answer said otherwise, in order. */
  readonly taken: OutgoingRecord[] = [];
  /** True once two records of one bucket were in flight together. */
  overlapped = false;
  private readonly flying = new Set<number>();
  private readonly clock: ManualClock;
  private readonly script: Script;
  private readonly latency: () => number;

  constructor(clock: ManualClock, script: Script = takeAll, latency: () => number = () => 5) {
    super();
    this.clock = clock;
    this.script = script;
    this.latency = latency;
  }

  override async publish(records: readonly OutgoingRecord[]): Promise<PublishOutcome[]> {
    const call = this.calls.push(records) - 1;
    for (const { bucket } of records) {
      this.overlapped ||= this.flying.has(bucket);
      this.flying.add(bucket);
    }
    await this.clock.sleep(this.latency());
    for (const { bucket } of records) this.flying.delete(bucket);
    const answer = this.script(records, call);
    if (answer instanceof Error) throw answer;
    for (const [i, record] of records.entries())
      if (answer[i] === 'accepted') this.taken.push(record);
    return answer;
  }

  /** The events taken, by bucket, in order. */
  eventsOf(records: readonly OutgoingRecord[] = this.taken): Record<string, unknown>[] {
    return records.flatMap(({ body }) => {
      const record = { position: 1n, partitionKey: '', arrival: 0, body };
      return unpack(record, compression, defaultLimits).values.map((value) => value ?? {});
    });
  }
}

/** Takes every record. */
export function takeAll(records: readonly OutgoingRecord[]): PublishOutcome[] {
  return records.map(() => 'accepted');
}
