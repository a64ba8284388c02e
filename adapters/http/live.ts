import { isTransient } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { ChangesText } from '../../core/query/format.ts';
import type { AnyQuery } from '../../core/query/query.ts';
import type { Reader } from '../../core/query/reader.ts';
import { HttpProblem } from './problem.ts';

/** What live streams need. */
export interface LiveParts {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Hears of errors that end a stream. */
  readonly report: (error: unknown) => void;
}

/** What a stream tells the changes of. */
export interface Watched {
  readonly reader: Reader;
  readonly view: string;
  readonly query: AnyQuery;
  /** The token of the last event that the client has; null for none. */
  readonly since: string | null;
}

/** A stream that is open. */
interface Open {
  readonly endsAt: number;
  end(): void;
}

const pollMs = 1_000;
/** What one stream has seen of the state is good enough for the others that long. */
const pulseMs = 500;
/** After so long without an event a comment shows that the stream lives. */
const quietMs = 10_000;
const retryMs = 1_000;
/** A client that has stopped to read keeps its place for so long after the end. */
const graceMs = 5_000;

/**
 * `GET /v1/live`: the changes of a selection as server-sent events, each with the token of the state that it leads to
 * as its id. A stream ends after `liveSecondsMax`; browsers come back by themselves and say which event was the last.
 */
export class Live {
  private readonly parts: LiveParts;
  private readonly open = new Set<Open>();
  private readonly pulses = new WeakMap<Reader, { at: number; state: Promise<string> }>();

  constructor(parts: LiveParts) {
    this.parts = parts;
  }

  /**
   * The answer, which begins with all rows or, with a token, with what has changed since.
   *
   * @throws HttpProblem 503 while too many streams are open; MillraceError as the reader does.
   */
  async answer(watched: Watched): Promise<Response> {
    this.checkPlaces();
    const state = await this.pulse(watched.reader);
    const first = await firstOf(watched);
    // Others may have come meanwhile.
    this.checkPlaces();
    return new Response(this.bodyOf(this.events(watched, state, first)), {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
  }

  private checkPlaces(): void {
    const now = this.parts.clock.now();
    for (const one of this.open) if (now > one.endsAt + graceMs) one.end();
    const { liveConnectionsMax } = this.parts.limits;
    if (this.open.size < liveConnectionsMax) return;
    const detail = `This instance has liveConnectionsMax (${liveConnectionsMax}) live streams open. Ask again.`;
    throw new HttpProblem(503, 'unavailable', detail);
  }

  /** Nothing is made before it is read, and nothing after the client has gone. */
  private bodyOf(events: AsyncGenerator<string>): ReadableStream<Uint8Array> {
    const utf8 = new TextEncoder();
    const { clock, limits } = this.parts;
    let place: Open;
    const leave = (): void => void this.open.delete(place);
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const end = (): void => {
            leave();
            controller.close();
          };
          place = { endsAt: clock.now() + limits.liveSecondsMax * 1_000, end };
          this.open.add(place);
        },
        pull: async (controller) => {
          const { done, value } = await events.next();
          if (!this.open.has(place)) return;
          if (done) place.end();
          else controller.enqueue(utf8.encode(value));
        },
        cancel: async () => {
          leave();
          await events.return(undefined);
        },
      },
      { highWaterMark: 0 },
    );
  }

  private async *events(
    { reader, view, query, since }: Watched,
    seen: string,
    first: ChangesText | null,
  ): AsyncGenerator<string> {
    const { clock, limits, report } = this.parts;
    const endsAt = clock.now() + limits.liveSecondsMax * 1_000;
    let [state, token] = [seen, first?.token ?? since];
    let quietFrom = clock.now();
    yield `retry: ${retryMs}\n\n${first === null ? '' : eventOf(first)}`;
    while (clock.now() + pollMs <= endsAt) {
      await clock.sleep(pollMs);
      let text = clock.now() - quietFrom >= quietMs ? ':\n\n' : '';
      try {
        const now = await this.pulse(reader);
        if (now !== state || first === null) {
          const changes = await reader.changesJson(view, query, token);
          // What has come meanwhile is seen by the next look.
          [state, token, first] = [now, changes.token, changes];
          if (changes.moved) text = eventOf(changes);
        }
      } catch (error) {
        if (!isTransient(error)) {
          report(error);
          return;
        }
      }
      if (text === '') continue;
      quietFrom = clock.now();
      yield text;
    }
  }

  /** A name for the state of all partitions: streams that ask at the same time share one look. */
  private pulse(reader: Reader): Promise<string> {
    const now = this.parts.clock.now();
    const held = this.pulses.get(reader);
    if (held !== undefined && now - held.at < pulseMs) return held.state;
    const state = reader.state();
    this.pulses.set(reader, { at: now, state });
    return state;
  }
}

/** Null where this instance is behind the token: it tells what is new as soon as it has seen it. */
async function firstOf({ reader, view, query, since }: Watched): Promise<ChangesText | null> {
  try {
    return await reader.changesJson(view, query, since);
  } catch (error) {
    // A browser takes any answer but 200 for the end, and would not come back.
    if (since !== null && isTransient(error)) return null;
    throw error;
  }
}

function eventOf({ token, text }: ChangesText): string {
  return `id: ${token}\ndata: ${text}\n\n`;
}
