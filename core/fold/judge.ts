import type { DeadReason, JsonObject, Scalar } from '../event.ts';
import { eventTimeMax, eventTimeMin, timeMin } from '../event.ts';
import { fingerprint } from '../hash.ts';
import type { Limits } from '../limits.ts';
import type { MeasurePlan, Plan, ViewPlan } from '../plan.ts';
import { parseRfc3339 } from '../schema/rfc3339.ts';

/** What a late event's JSON may add to that of its output: see `LateEventJson`. */
const lateEventBytes = 512;

/** Thrown inside the judgement of one event, and caught there. */
class Dead {
  readonly reason: DeadReason;
  readonly errors: readonly string[];

  constructor(reason: DeadReason, errors: readonly string[]) {
    this.reason = reason;
    this.errors = errors;
  }
}

/** One output of the transform as one view takes it. */
export interface Offer {
  readonly view: number;
  /** The start of its pane. */
  start: number;
  /** How late it is in milliseconds; negative when it is in time. */
  lateBy: number;
  readonly key: Scalar[];
  /** Per measure; undefined where there is nothing to measure, `true` for a count. */
  readonly values: (Scalar | undefined)[];
  output: JsonObject;
}

/** What the fold needs to judge an event; the same object for all events of a fold, so that none is allocated. */
export interface Judgement {
  time: number;
  id: string;
  readonly lanes: Uint32Array;
  readonly offers: Offer[];
  /** How many of `offers` are of this event. */
  offered: number;
  /** Upper bound of the bytes that its rows add to an entry. */
  bytes: number;
  /** Upper bound of the bytes that it adds to the object of late events. */
  keptBytes: number;
  reason: DeadReason;
  errors: readonly string[];
}

/** What became of an event. */
export type Verdict = 'accepted' | 'duplicate' | 'filtered' | 'dead';

/** What of the fold's state and settings a judgement depends on. */
export interface Court {
  readonly plan: Plan;
  readonly limits: Limits;
  /** What the transform looks things up in. */
  readonly tables: object;
  /** The partition's watermark before this event. */
  watermark: number;
  /** Whether the lanes of an id are held in a live bucket. */
  isDuplicate(low: number, high: number): boolean;
}

/** An empty judgement to be used again and again. */
export function newJudgement(): Judgement {
  return {
    time: timeMin,
    id: '',
    lanes: new Uint32Array(2),
    offers: [],
    offered: 0,
    bytes: 0,
    keptBytes: 0,
    reason: 'invalid',
    errors: [],
  };
}

/**
 * Judges one event: steps 3 to 7 of architecture section 3, with nothing changed but `into`. `into.time` is NaN
 * when the event got no valid time, and must then not move the watermark.
 */
export function judge(event: JsonObject, arrival: number, court: Court, into: Judgement): Verdict {
  into.offered = 0;
  into.bytes = 0;
  into.keptBytes = 0;
  into.time = Number.NaN;
  try {
    return judgeOrThrow(event, arrival, court, into);
  } catch (error) {
    into.offered = 0;
    into.bytes = 0;
    into.keptBytes = 0;
    if (error instanceof Dead) {
      into.reason = error.reason;
      into.errors = error.errors;
    } else {
      into.reason = 'function-failed';
      into.errors = [stackOf(error)];
    }
    return 'dead';
  }
}

function stackOf(error: unknown): string {
  try {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return text.toWellFormed().slice(0, 4_000);
  } catch {
    return 'something was thrown that has no text';
  }
}

function judgeOrThrow(event: JsonObject, arrival: number, court: Court, into: Judgement): Verdict {
  const { plan, limits } = court;
  if (!plan.check(event)) throw new Dead('invalid', plan.explain(event));
  const id = idOf(plan.id(event), limits.idBytesMax);
  const time = timeOf(plan.time(event));
  if (time > arrival + (plan.futureSkew ?? limits.futureSkewMsMax)) {
    throw new Dead('future', [
      `its time is ${Math.round((time - arrival) / 1000)} s ahead of arrival`,
    ]);
  }
  into.time = time;
  into.id = id;
  fingerprint(id, into.lanes);
  if (court.isDuplicate(into.lanes[0] as number, into.lanes[1] as number)) return 'duplicate';
  if (plan.transform === null) {
    offer(event, time, court, into);
    return 'accepted';
  }
  const outputs = plan.transform(event, court.tables);
  if (outputs === null || outputs === undefined) return 'filtered';
  if (!Array.isArray(outputs)) {
    offer(objectOf(outputs), time, court, into);
    return 'accepted';
  }
  if (outputs.length > limits.transformOutputsMax) {
    const most = limits.transformOutputsMax;
    throw new Dead('function-failed', [`transform: ${outputs.length} outputs, over ${most}`]);
  }
  for (const output of outputs) offer(objectOf(output), time, court, into);
  return outputs.length === 0 ? 'filtered' : 'accepted';
}

function objectOf(output: unknown): JsonObject {
  if (typeof output === 'object' && output !== null && !Array.isArray(output)) {
    return output as JsonObject;
  }
  throw new Dead('function-failed', ['transform: an output must be an object, null or an array']);
}

function idOf(id: unknown, bytesMax: number): string {
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  if (typeof id !== 'string') throw new Dead('invalid', ['id: must be text or a safe integer']);
  if (id === '') throw new Dead('invalid', ['id: must not be empty']);
  return textOf(id, 'id', bytesMax);
}

function timeOf(time: unknown): number {
  const ms = typeof time === 'string' ? parseRfc3339(time) : time;
  if (typeof ms === 'number' && ms >= eventTimeMin && ms <= eventTimeMax) return Math.floor(ms);
  throw new Dead('invalid', ['time: must be RFC 3339 text or epoch milliseconds, years 0 to 9999']);
}

function textOf(text: string, what: string, bytesMax: number): string {
  if (!text.isWellFormed()) throw new Dead('invalid', [`${what}: a lone surrogate`]);
  if (text.length * 3 > bytesMax && utf8Length(text) > bytesMax) {
    throw new Dead('too-large', [`${what}: over ${bytesMax} bytes`]);
  }
  return text;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Offers one output to every view. */
function offer(output: JsonObject, time: number, court: Court, into: Judgement): void {
  const { views } = court.plan;
  for (let index = 0; index < views.length; index += 1) {
    const view = views[index] as ViewPlan;
    const next = offerOf(into, index, output);
    const { window, lateness } = view;
    next.start = window.paneStart(time);
    next.lateBy = court.watermark - (window.deadline(time, next.start) + lateness);
    // Late offers are kept as JSON; one that can't be written as JSON must fail here.
    if (next.lateBy >= 0) into.keptBytes += JSON.stringify(output).length * 3 + lateEventBytes;
    else take(output, view, court.limits, next, into);
  }
}

/** The next offer to fill in: one that served the same view before, so that its key has the right length. */
function offerOf(into: Judgement, view: number, output: JsonObject): Offer {
  let next = into.offers[into.offered];
  if (next === undefined || next.view !== view) {
    next = { view, start: 0, lateBy: 0, key: [], values: [], output };
    into.offers[into.offered] = next;
  }
  into.offered += 1;
  next.output = output;
  return next;
}

/** Reads key and values of an output, checked. */
function take(output: JsonObject, view: ViewPlan, limits: Limits, next: Offer, into: Judgement) {
  const { key, measures: plans } = view;
  let bytes = 24;
  for (let part = 0; part < key.length; part += 1) {
    const field = key[part] as string;
    const get = view.keyGets[part] as ViewPlan['keyGets'][number];
    const value = keyPart(get(output), field, limits.textBytesMax);
    next.key[part] = value;
    bytes += typeof value === 'string' ? 4 + value.length * 3 : 10;
  }
  for (let i = 0; i < plans.length; i += 1) {
    const plan = plans[i] as ViewPlan['measures'][number];
    let value: Scalar | undefined = true;
    if (plan.where.length > 0 && !matches(output, plan.where)) value = undefined;
    else if (plan.get !== null) value = measured(plan.get(output), plan, limits);
    next.values[i] = value;
    bytes += plan.eventBytesMax + (typeof value === 'string' ? value.length * 3 : 0);
    if (plan.keepsIds) bytes += into.id.length * 3;
  }
  into.bytes += bytes;
}

function matches(output: JsonObject, where: readonly (readonly [string, Scalar])[]): boolean {
  for (const [field, value] of where) if (output[field] !== value) return false;
  return true;
}

function keyPart(value: unknown, field: string, bytesMax: number): Scalar {
  if (typeof value === 'string') return textOf(value, field, bytesMax);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return numberOf(value, field);
  throw new Dead('invalid', [`${field}: a key part must be text, a number or a boolean`]);
}

function numberOf(value: number, field: string): number {
  if (Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))) {
    return value + 0;
  }
  throw new Dead('invalid', [`${field}: a number that is not finite, or an integer beyond 2^53`]);
}

function measured(
  value: unknown,
  { field, takes }: MeasurePlan,
  limits: Limits,
): Scalar | undefined {
  if (typeof value === 'number') return numberOf(value, field ?? '');
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean' && takes === 'any') return value;
  if (typeof value === 'string' && takes !== 'number') {
    return textOf(value, field ?? '', limits.textBytesMax);
  }
  throw new Dead('invalid', [`${field}: not a value that can be measured`]);
}
