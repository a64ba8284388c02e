import type { App } from './composition.ts';
import { readPlace, type SentPlace, writePlace } from './flights-place.ts';
import { flights } from './flights-source.ts';

/** Flights that are sent and not yet known to be in the stream. */
interface Open {
  readonly sends: Promise<void>[];
  place: SentPlace;
}

const tickMs = 100;
const chunkEvents = 2_000;
/** Behind this many records the source waits for the pump, so that the stream stays short. */
const behindRecordsMax = 400;
/** After a longer pause, as of a laptop that slept, the source goes on from where it is. */
const pauseMsMax = 5_000;

/** Sends the flights in order of arrival, at a pace, going on where the data folder says. */
export class FlightsDemo {
  private readonly app: App;
  private readonly pace: number;
  private stopping = false;
  private place: SentPlace | null = null;
  private ended = false;

  /** @param pace event time per real time; Infinity for as fast as the pump can follow. */
  constructor(app: App, pace: number) {
    this.app = app;
    this.pace = pace;
  }

  /** How many flights the stream has, in all runs on this folder. */
  get sent(): number {
    return this.place?.sent ?? 0;
  }

  /** Whether the last flight is in the stream. */
  get done(): boolean {
    return this.ended;
  }

  /**
   * Resolves at the end of the file, or after `stop`.
   *
   * @throws MillraceError when the stream does not take the flights, or the file can't be read.
   */
  async run(): Promise<void> {
    const { store, publisher, clock } = this.app;
    this.place = await readPlace(store);
    const open: Open = { sends: [], place: this.place ?? { arrival: 0, row: 0, sent: 0 } };
    const schedule = new Schedule(this.pace);
    let settledAt = clock.now();
    for await (const { arrival, numbers, rows } of flights({ after: this.place ?? undefined })) {
      for (let wait = 1; wait > 0 && !this.stopping; ) {
        wait = schedule.waitMs(arrival, clock.now());
        if (wait > 0) await clock.sleep(tickMs);
      }
      if (this.stopping) break;
      for (const row of rows) open.sends.push(publisher.send(row.origin, JSON.stringify(row)));
      const sent = open.place.sent + rows.length;
      open.place = { arrival, row: numbers.at(-1) ?? 0, sent };
      if (open.sends.length < chunkEvents && clock.now() - settledAt < tickMs) continue;
      await this.settle(open);
      await this.letCatchUp();
      settledAt = clock.now();
    }
    await this.settle(open);
    this.ended = !this.stopping;
  }

  /** Lets `run` end soon. */
  stop(): void {
    this.stopping = true;
  }

  /** Waits until the stream has all that was sent, and then only keeps the place. */
  private async settle(open: Open): Promise<void> {
    if (open.sends.length === 0) return;
    const sends = open.sends.splice(0);
    await this.app.publisher.flush();
    await Promise.all(sends);
    await writePlace(this.app.store, open.place);
    this.place = open.place;
  }

  private async letCatchUp(): Promise<void> {
    while (!this.stopping && (await recordsBehind(this.app)) > behindRecordsMax) {
      await this.app.clock.sleep(tickMs / 5);
    }
  }
}

/** When a flight is due: the first at once, the others at the pace. */
class Schedule {
  private readonly pace: number;
  private startedAt = Number.NaN;
  private first = 0;

  constructor(pace: number) {
    this.pace = pace;
  }

  /** Milliseconds until then; 0 or less when it is due. */
  waitMs(arrival: number, now: number): number {
    if (this.pace === Number.POSITIVE_INFINITY) return 0;
    const wait = this.startedAt + (arrival - this.first) / this.pace - now;
    if (wait >= -pauseMsMax) return wait;
    this.startedAt = now;
    this.first = arrival;
    return 0;
  }
}

/** Records in the stream that some pipeline has not folded yet. */
export async function recordsBehind({ served, stream }: App): Promise<number> {
  const next = new Map<string, bigint>();
  for (const { reader } of served.values()) {
    for (const { partition, next: cursor } of await reader.partitions()) {
      const least = next.get(partition);
      if (least === undefined || cursor.position < least) next.set(partition, cursor.position);
    }
  }
  let behind = 0;
  for (const { id } of await stream.partitions()) {
    const { earliest, latest } = await stream.bounds(id);
    behind += Number((latest ?? 0n) + 1n - (next.get(id) ?? earliest));
  }
  return behind;
}
