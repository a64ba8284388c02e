import type { Compression } from '../compression.ts';
import { isTransient, MillraceError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventPublisher, OutgoingRecord, PublishOutcome } from '../ports/event-publisher.ts';
import { bodyOf, type Entry, halves, type Pack } from './pack.ts';
import type { PackingOptions } from './packing-options.ts';

/** What records are sent with. */
export interface SenderParts {
  readonly publisher: EventPublisher;
  readonly clock: Clock;
  readonly compression: Compression;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

/** Hears what became of events: taken by the stream (null), or given up. */
export type Settled = (entries: readonly Entry[], error: MillraceError | null) => void;

/** A bucket: records leave it one at a time, so one that failed is sent again before what follows it. */
interface Lane {
  readonly bucket: number;
  /** The first one is in flight, waits for its next try, or can be sent. */
  readonly packs: Pack[];
}

// What failed is tried again after random() x min(backoffMsMax, backoffMsMin x 2^failures): full jitter.
const backoffMsMin = 50;
const backoffMsMax = 5_000;
const callBytesMax = 4_194_304;
const callsMax = 4;

/** Sends packs as records: many buckets in one call, one record of a bucket at a time, again and again if need be. */
export class RecordSender {
  private readonly parts: SenderParts;
  private readonly compression: Compression | null;
  private readonly options: PackingOptions;
  private readonly settled: Settled;
  /** Lanes with packs, by bucket. */
  private readonly lanes = new Map<number, Lane>();
  /** Lanes whose first pack can be sent. */
  private ready: Lane[] = [];
  private calls = 0;
  private waking = false;

  constructor(parts: SenderParts, options: PackingOptions, settled: Settled) {
    this.parts = parts;
    this.compression = options.compress ? parts.compression : null;
    this.options = options;
    this.settled = settled;
  }

  /** Buckets that have packs to send or in flight. */
  get pending(): number {
    return this.lanes.size;
  }

  /** Takes a pack; its events are settled some time later, never within this call. */
  add(bucket: number, pack: Pack): void {
    pack.deadline = this.parts.clock.now() + this.options.publishMsMax;
    const lane = this.lanes.get(bucket);
    if (lane) {
      lane.packs.push(pack);
      return;
    }
    const fresh: Lane = { bucket, packs: [pack] };
    this.lanes.set(bucket, fresh);
    this.makeReady([fresh]);
  }

  private makeReady(lanes: readonly Lane[]): void {
    for (const lane of lanes) this.ready.push(lane);
    this.wake();
  }

  /** Sends what is ready a turn later, so that all that becomes ready together goes in one call. */
  private wake(): void {
    if (this.waking || this.ready.length === 0) return;
    this.waking = true;
    void Promise.resolve().then(() => this.dispatch());
  }

  private dispatch(): void {
    this.waking = false;
    while (this.calls < callsMax && this.ready.length > 0) {
      this.calls++;
      void this.send(this.take());
    }
  }

  /** The lanes of one call: at least one, within the bounds of a call. */
  private take(): Lane[] {
    let bytes = 0;
    let count = 0;
    for (const lane of this.ready) {
      bytes += firstOf(lane).bytes;
      if (count > 0 && (count >= this.parts.publisher.callRecordsMax || bytes > callBytesMax))
        break;
      count++;
    }
    const lanes = this.ready.slice(0, count);
    this.ready = this.ready.slice(count);
    return lanes;
  }

  /** Never rejects. */
  private async send(lanes: readonly Lane[]): Promise<void> {
    const answers = await this.publish(lanes);
    this.calls--;
    const again: Lane[] = [];
    for (const [i, lane] of lanes.entries()) {
      const answer = answers[i] as PublishOutcome | MillraceError;
      const pack = firstOf(lane);
      if (answer === 'accepted') this.finish(lane, null);
      else if (answer === 'too-large' && pack.entries.length > 1) this.split(lane);
      else if (answer === 'too-large') this.finish(lane, tooLarge(pack));
      else if (typeof answer !== 'string' && !isTransient(answer)) this.finish(lane, answer);
      else if (this.mayRetry(pack)) again.push(lane);
      else this.finish(lane, givenUp(pack, answer));
    }
    this.wake();
    if (again.length > 0) await this.retry(again);
  }

  /** What the stream said of each lane's record, or the error of the whole call. Never rejects. */
  private async publish(
    lanes: readonly Lane[],
  ): Promise<readonly (PublishOutcome | MillraceError)[]> {
    try {
      const outcomes = await this.parts.publisher.publish(lanes.map((lane) => this.recordOf(lane)));
      if (outcomes.length === lanes.length) return outcomes;
      throw new MillraceError('bug', `${outcomes.length} outcomes for ${lanes.length} records`);
    } catch (cause) {
      const error = asMillrace(cause);
      return lanes.map(() => error);
    }
  }

  private recordOf(lane: Lane): OutgoingRecord {
    const pack = firstOf(lane);
    pack.body ??= bodyOf(pack, this.compression);
    return { bucket: lane.bucket, bucketCount: this.options.bucketCount, body: pack.body };
  }

  private mayRetry(pack: Pack): boolean {
    pack.failures++;
    return this.parts.clock.now() < pack.deadline;
  }

  private async retry(lanes: readonly Lane[]): Promise<void> {
    const { clock, random } = this.parts;
    const failures = Math.max(...lanes.map((lane) => firstOf(lane).failures));
    const deadline = Math.min(...lanes.map((lane) => firstOf(lane).deadline));
    const wait = random() * Math.min(backoffMsMax, backoffMsMin * 2 ** failures);
    const left = deadline - clock.now();
    try {
      await clock.sleep(Math.max(1, Math.min(wait, left)));
      this.makeReady(lanes);
    } catch (cause) {
      for (const lane of lanes) this.finish(lane, asMillrace(cause));
    }
  }

  private split(lane: Lane): void {
    lane.packs.splice(0, 1, ...halves(firstOf(lane)));
    this.makeReady([lane]);
  }

  private finish(lane: Lane, error: MillraceError | null): void {
    const pack = firstOf(lane);
    lane.packs.shift();
    if (lane.packs.length === 0) this.lanes.delete(lane.bucket);
    else this.makeReady([lane]);
    this.settled(pack.entries, error);
  }
}

function firstOf(lane: Lane): Pack {
  return lane.packs[0] as Pack;
}

function tooLarge(pack: Pack): MillraceError {
  return new MillraceError('too-large', `The stream refused an event of ${pack.bytes} bytes.`);
}

function givenUp(pack: Pack, answer: string | MillraceError): MillraceError {
  const code = answer === 'throttled' ? 'throttled' : 'unavailable';
  const failed = typeof answer === 'string' ? undefined : answer;
  const message = `The stream did not take a record; tried ${pack.failures} times.`;
  return new MillraceError(failed?.code ?? code, message, { cause: failed });
}

function asMillrace(cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  return new MillraceError('bug', 'Sending to the stream failed unexpectedly.', { cause });
}
