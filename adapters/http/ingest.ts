import type { Compression } from '../../core/compression.ts';
import { MillraceError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/event.ts';
import { inspect, partitionKeyOf, type Refusal } from '../../core/ingest.ts';
import type { Limits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { PackingPublisher } from '../../core/publish/packing-publisher.ts';
import { checkMediaType, claimedBytes, eventsOf, lineOf, readBody, unpackBody } from './body.ts';
import { HttpProblem } from './problem.ts';

/** What the door for events needs. */
export interface IngestParts {
  /** The pipelines of the stream: an event is let in if one of them takes it. */
  readonly plans: readonly Plan[];
  readonly publisher: Pick<PackingPublisher, 'send'>;
  readonly clock: Clock;
  readonly compression: Compression;
  readonly limits: Limits;
}

/** An event that was not let in, by its place in the request. */
export interface Refused extends Refusal {
  /** From 0: the element of the array, the line that is not blank. */
  readonly index: number;
}

/** What became of the events of a request. */
interface Received {
  accepted: number;
  readonly refused: Refused[];
  /** Events of which it isn't known whether the stream has them: to be sent again. */
  readonly unknown: number[];
  /** Why one of them is unknown. */
  cause: MillraceError | null;
}

/** The refused are all told; of their errors once more as plain problems, the first ones. */
const problemLinesMax = 100;

/** `POST /v1/events`. Holds at most `ingestBytesMax` of requests at a time. */
export class Ingest {
  private readonly parts: IngestParts;
  private heldBytes = 0;

  constructor(parts: IngestParts) {
    this.parts = parts;
  }

  /**
   * Answers 202 once the stream has the events, with those refused by index.
   *
   * @throws HttpProblem 400, 413, 415; 422 when no event was let in; 503 when the stream did not take them all.
   */
  async post(request: Request): Promise<Response> {
    const { limits, compression } = this.parts;
    checkMediaType(request);
    const hold = this.hold();
    try {
      const claimed = Math.min(claimedBytes(request) ?? 0, limits.requestBytesMax);
      hold(claimed);
      const body = await readBody(request, limits.requestBytesMax, (bytes) => {
        hold(Math.max(bytes, claimed));
      });
      const bytes = unpackBody(request, body, compression, limits.requestUnpackedBytesMax);
      hold(bytes.length);
      const unpacked = eventsOf(bytes, compression, limits);
      const received: Received = { accepted: 0, refused: [], unknown: [], cause: null };
      const sends = unpacked.values.map((value, index) => {
        const undecodable = unpacked.errors?.get(index);
        if (value !== null) return this.one(value, () => lineOf(unpacked, index), index, received);
        const errors = [undecodable ?? 'not an event'];
        received.refused.push({ index, reason: 'undecodable', errors });
        return null;
      });
      await Promise.all(sends);
      return answer(received);
    } finally {
      hold(0);
    }
  }

  /** Checks one event and hands it to the publisher; the promise never rejects for what becomes of the event. */
  private one(
    event: JsonObject,
    line: () => string,
    index: number,
    received: Received,
  ): Promise<void> | null {
    const { plans, clock, limits, publisher } = this.parts;
    const verdict = admit(event, clock.now(), plans, limits);
    if (typeof verdict !== 'string') {
      received.refused.push({ index, ...verdict });
      return null;
    }
    return publisher.send(verdict, line()).then(
      () => {
        received.accepted += 1;
      },
      (error: unknown) => {
        if (!(error instanceof MillraceError)) throw error;
        const errors = [error.message];
        if (error.code === 'too-large') {
          received.refused.push({ index, reason: 'too-large', errors });
        } else {
          received.unknown.push(index);
          received.cause = error;
        }
      },
    );
  }

  /** A request's share of what is held: called with its bytes as they become more or fewer. */
  private hold(): (bytes: number) => void {
    const most = this.parts.limits.ingestBytesMax;
    let mine = 0;
    return (bytes) => {
      const others = this.heldBytes - mine;
      // One request alone always gets through, however low the limit.
      if (bytes > mine && others > 0 && others + bytes > most) {
        const detail = `Requests of ${others} bytes are under way, and ingestBytesMax is ${most}.`;
        throw new HttpProblem(503, 'throttled', detail);
      }
      this.heldBytes = others + bytes;
      mine = bytes;
    };
  }
}

/** The partition key by the first pipeline that takes the event, or why none does. */
function admit(
  event: JsonObject,
  now: number,
  plans: readonly Plan[],
  limits: Limits,
): string | Refusal {
  const refusals: Refusal[] = [];
  for (const plan of plans) {
    const refusal = inspect(event, now, plan, limits);
    if (refusal === null) return partitionKeyOf(event, plan);
    refusals.push(refusal);
  }
  const first = refusals[0] ?? { reason: 'invalid', errors: ['there is no pipeline'] };
  const errors = refusals.flatMap((refusal, i) => {
    const name = plans.length > 1 ? `${plans[i]?.name}: ` : '';
    // A function that failed says where by its stack, which is no business of a producer.
    return refusal.errors.map((error) => `${name}${error.split('\n')[0]}`);
  });
  return { reason: first.reason, errors };
}

function answer({ accepted, refused, unknown, cause }: Received): Response {
  refused.sort((a, b) => a.index - b.index);
  if (unknown.length > 0) {
    const count = unknown.length === 1 ? '1 event' : `${unknown.length} events`;
    const detail = `The stream did not confirm ${count}: send again. ${cause?.message ?? ''}`;
    unknown.sort((a, b) => a - b);
    const extension = { accepted, refused, unknown };
    throw new HttpProblem(503, 'unavailable', detail.trim(), { extension, cause });
  }
  if (accepted > 0) return Response.json({ accepted, refused }, { status: 202 });
  const detail =
    refused.length === 0 ? 'The body holds no event.' : 'No event of the body was accepted.';
  const problems = refused.flatMap(({ index, errors }) => errors.map((one) => `${index}: ${one}`));
  throw new HttpProblem(422, 'request', detail, {
    ...(problems.length > 0 ? { problems: problems.slice(0, problemLinesMax) } : {}),
    extension: { accepted, refused },
  });
}
