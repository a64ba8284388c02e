import { toBase64 } from '../base64.ts';
import type { DeadReason, StreamRecord } from '../event.ts';
import type { Plan, ViewPlan } from '../plan.ts';
import { SessionPlan } from '../window/session.ts';
import type { Judgement, Offer } from './judge.ts';

/** An event that could not be counted, kept with all that is needed to see why and to send it again. */
export interface DeadLetter {
  /** Its line in the object: one JSON object. */
  readonly json: string;
  /** Upper bound of the UTF-8 bytes of `json`. */
  readonly bytes: number;
}

/** An event that came too late for a view, kept as the transform gave it. */
export type LateEvent = DeadLetter;

/** The members of a dead letter's JSON. */
export interface DeadLetterJson {
  readonly reason: DeadReason;
  readonly errors: readonly string[];
  /** Position of its record, as decimal text. */
  readonly position: string;
  readonly line: number;
  /** When its record arrived, RFC 3339. */
  readonly arrival: string;
  readonly partitionKey: string;
  /** The event as text, or the whole record in base64 where it is no text. */
  readonly raw: { readonly text: string } | { readonly base64: string };
}

/** The members of a late event's JSON. */
export interface LateEventJson {
  readonly view: string;
  /** The pane it was too late for, or the session that it alone would be, and its own time, RFC 3339. */
  readonly start: string;
  readonly end: string;
  readonly time: string;
  /** Milliseconds by which the watermark had passed the instant from which it was late. */
  readonly lateMs: number;
  readonly position: string;
  readonly line: number;
  readonly event: unknown;
}

/** The dead letter of one event as judged. */
export function deadLetter(
  record: StreamRecord,
  line: number,
  { reason, errors }: Judgement,
  raw: string | Uint8Array,
): DeadLetter {
  const letter: DeadLetterJson = {
    reason,
    errors,
    position: String(record.position),
    line,
    arrival: new Date(record.arrival).toISOString(),
    partitionKey: record.partitionKey,
    raw: typeof raw === 'string' ? { text: raw } : { base64: toBase64(raw) },
  };
  return kept(JSON.stringify(letter));
}

/** The late event of one offer. */
export function lateEvent(
  record: StreamRecord,
  line: number,
  offer: Offer,
  plan: Plan,
  time: number,
): LateEvent {
  const view = plan.views[offer.view] as ViewPlan;
  const { window } = view;
  const [start, end] =
    window instanceof SessionPlan
      ? [time, time + window.gap]
      : [offer.start, window.paneEnd(offer.start)];
  const late: LateEventJson = {
    view: view.name,
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    time: new Date(time).toISOString(),
    lateMs: offer.lateBy,
    position: String(record.position),
    line,
    event: offer.output,
  };
  return kept(JSON.stringify(late));
}

function kept(json: string): DeadLetter {
  return { json, bytes: json.length * 3 + 1 };
}
