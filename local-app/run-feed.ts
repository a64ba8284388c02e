import { MillraceError } from '../core/errors.ts';
import { bucketOf } from '../core/hash.ts';
import { partitionKeyOf } from '../core/ingest.ts';
import type { Plan } from '../core/plan.ts';
import { partitionOf } from '../core/ports/event-publisher.ts';
import { defaultPacking } from '../core/publish/packing-options.ts';
import type { PackingPublisher } from '../core/publish/packing-publisher.ts';

/** A row of an input: an object, or what stands in its place as text that is none and holds no newline. */
export type RunRow = { readonly value?: Record<string, unknown>; readonly raw?: Uint8Array };

/** A row on its way into the stream. */
interface Outgoing {
  readonly key: string;
  readonly event: string | Uint8Array;
  readonly bytes: number;
}

const { packEventsMax, packBytesMax } = defaultPacking;
const eventBytesMax = 1_000_000;
const keptCharacters = 1_024;

/**
 * Gathers rows and publishes them, each partition's in their order. When publishing fails, what the stream has of a
 * partition is its first rows without a gap: so whoever knows how many it has knows which they are.
 */
export class Feed {
  private readonly publisher: PackingPublisher;
  private readonly plan: Plan;
  private readonly lanes: Outgoing[][];
  /** Rows to pass over, by partition: those that the stream has already. */
  private readonly passed: number[];
  /** Rows and bytes gathered. */
  rows = 0;
  bytes = 0;

  /** @param taken how many rows of each partition the stream has. */
  constructor(publisher: PackingPublisher, plan: Plan, taken: readonly number[]) {
    this.publisher = publisher;
    this.plan = plan;
    this.lanes = taken.map(() => []);
    this.passed = [...taken];
  }

  /** Rows that the stream has and the input has not brought yet. */
  get missing(): number {
    return this.passed.reduce((sum, rows) => sum + rows, 0);
  }

  /** Takes one row; false if the stream has it already. */
  add({ value, raw }: RunRow): boolean {
    const key = value === undefined ? '' : partitionKeyOf(value, this.plan);
    const count = this.lanes.length;
    const partition = partitionOf(bucketOf(key, count), count, count);
    const left = this.passed[partition] as number;
    if (left > 0) {
      this.passed[partition] = left - 1;
      return false;
    }
    const outgoing = outgoingOf(key, raw ?? JSON.stringify(value));
    (this.lanes[partition] as Outgoing[]).push(outgoing);
    this.rows += 1;
    this.bytes += outgoing.bytes;
    return true;
  }

  /** Publishes all that was gathered; in one turn no more than one record per partition. */
  async publish(): Promise<void> {
    const places = this.lanes.map(() => 0);
    for (let more = true; more; ) {
      const sends: Promise<void>[] = [];
      for (const [i, lane] of this.lanes.entries()) {
        const from = places[i] as number;
        const to = endOfPack(lane, from);
        for (let at = from; at < to; at += 1) {
          const { key, event } = lane[at] as Outgoing;
          sends.push(this.publisher.send(key, event));
        }
        places[i] = to;
      }
      const settled = Promise.allSettled(sends);
      await this.publisher.flush();
      const failed = (await settled).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
      more = sends.length > 0;
    }
    for (const lane of this.lanes) lane.length = 0;
    this.rows = 0;
    this.bytes = 0;
  }
}

/** Where the record that starts with an outgoing row ends: what is no object goes alone. */
function endOfPack(lane: readonly Outgoing[], from: number): number {
  let bytes = 0;
  let to = from;
  for (; to < lane.length && to - from < packEventsMax; to += 1) {
    const { event, bytes: more } = lane[to] as Outgoing;
    bytes += more + 1;
    const alone = typeof event !== 'string';
    if (to > from && (alone || bytes > packBytesMax)) break;
    if (alone) return to + 1;
  }
  return to;
}

/** An event that no record can hold is replaced by a text that says so, which becomes a dead letter. */
function outgoingOf(key: string, event: string | Uint8Array): Outgoing {
  const bytes = typeof event === 'string' ? Buffer.byteLength(event) : event.length;
  if (bytes <= eventBytesMax) return { key, event, bytes };
  const text = typeof event === 'string' ? event : Buffer.from(event).toString();
  const start = text.slice(0, keptCharacters).toWellFormed();
  const why = `an event of ${bytes} bytes, over ${eventBytesMax}: ${start}`;
  const raw = Buffer.from(JSON.stringify(why));
  return { key, event: raw, bytes: raw.length };
}

/** The error of an input that ends before it has brought all rows that the stream has. */
export function endedEarly(missing: number): MillraceError {
  const text =
    `the input ends, or differs, before all rows that were taken from it the last time: ${missing} ` +
    'are missing. It is not the same input; use a new data folder';
  return new MillraceError('request', text, { problems: [text] });
}
