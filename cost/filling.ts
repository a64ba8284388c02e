import { curveThrough, type Point } from './curve.ts';
import { keyCurve } from './keys.ts';
import type { MeasuredDelay, MeasuredView } from './profile.ts';

/** Events of one partition as they come: so many by second, some behind the time of the others. */
export interface Arrivals {
  readonly eventsPerSecond: number;
  readonly delays: readonly MeasuredDelay[];
  /** By how many times there are as many keys as were measured, in all partitions; each key is in one of them. */
  readonly keysFactor: number;
  readonly partitions: number;
}

/** What became of a page in compactions. Rates are of one partition. */
export interface Rewrite {
  readonly perSecond: number;
  /** Bytes of the page before and after; null where there was none. */
  readonly before: number | null;
  readonly after: number;
}

/** Seconds of delay that come together, by event, up to an age: the mean of the smaller of both. */
function delayedTo(delays: readonly MeasuredDelay[], age: number): number {
  let sum = 0;
  for (let i = 0; i < delays.length; i += 1) {
    const { seconds: from, share } = delays[i] as MeasuredDelay;
    if (age <= from) return sum;
    const next = delays[i + 1];
    if (next === undefined) return sum + share * (age - from);
    const to = Math.min(age, next.seconds);
    const shareTo = share + ((next.share - share) * (to - from)) / (next.seconds - from);
    if (share > 0) sum += ((share + shareTo) / 2) * (to - from);
  }
  return sum;
}

/**
 * How many seconds' worth of events of a span of event time have come, so many seconds after its beginning. Of events
 * that none is late of it is the time that has passed, up to the length of the span.
 */
export function comeBy(delays: readonly MeasuredDelay[], spanSeconds: number, age: number): number {
  const begun = (seconds: number): number =>
    seconds <= 0 ? 0 : seconds - delayedTo(delays, seconds);
  return begun(age) - begun(age - spanSeconds);
}

/**
 * How many keys of a view so many events of a partition have: its share of the keys that the events of all partitions
 * have, whatever their law.
 */
function curveOf(view: MeasuredView, arrivals: Arrivals): (events: number) => number {
  const { keysFactor, partitions } = arrivals;
  const curve = keyCurve(view, view.popularity.keys * keysFactor);
  return (events) => curve(events * partitions) / partitions;
}

interface PageCurves {
  /** Bytes of a page, and events by row, by its rows. */
  readonly bytes: (rows: number) => number;
  readonly dense: (rows: number) => number;
}

const pageCurves = new WeakMap<MeasuredView, PageCurves>();

function pageCurvesOf(view: MeasuredView): PageCurves {
  const known = pageCurves.get(view);
  if (known !== undefined) return known;
  const { pages } = view;
  const steps = pages.filter(({ rows }, i) => rows > (pages[i - 1]?.rows ?? 0));
  const bytes = steps.map((page): Point => [page.rows, page.bytes]);
  const dense = steps.map(({ rows, events }): Point => [rows, events / rows]);
  const found = { bytes: curveThrough(bytes, 'rises'), dense: curveThrough(dense, 'stays') };
  pageCurves.set(view, found);
  return found;
}

/**
 * Bytes of a page by how many events are in it: it has as many rows as keys that have come. A measured page of so many
 * rows says how large it is, but for the events by row, with which rows grow.
 */
export function pageBytesOf(view: MeasuredView, arrivals: Arrivals): (events: number) => number {
  const { rowSeconds, pageSeconds, pages, rowGrowth } = view;
  const curve = curveOf(view, arrivals);
  const measured = pageCurvesOf(view);
  // Where several spans stand side by side in a page, each has rows of its own.
  const isOne = rowSeconds === null || rowSeconds === pageSeconds;
  const spanEvents = isOne ? Number.POSITIVE_INFINITY : arrivals.eventsPerSecond * rowSeconds;
  return (events) => {
    if (events <= 0) return 0;
    const each = Math.min(events, spanEvents);
    const rows = (events / each) * curve(each);
    const denser = events / rows / measured.dense(Math.max(1, rows));
    return (pages[0]?.bytes ?? 0) + measured.bytes(rows) * denser ** rowGrowth;
  };
}

/** Five points and weights of Gauss and Legendre: exact up to the ninth power. */
const nodes: readonly (readonly [at: number, weight: number])[] = [
  [-0.906179845938664, 0.2369268850561891],
  [-0.5384693101056831, 0.4786286704993665],
  [0, 0.5688888888888889],
  [0.5384693101056831, 0.4786286704993665],
  [0.906179845938664, 0.2369268850561891],
];

/** Points to take an integral by, between places where what is integrated has its bends. */
function pointsOf(bends: readonly number[]): { readonly at: number; readonly weight: number }[] {
  const sorted = [...new Set(bends)].sort((a, b) => a - b);
  return sorted.slice(1).flatMap((to, i) => {
    const half = (to - (sorted[i] as number)) / 2;
    return nodes.map(([at, weight]) => ({ at: to - half + at * half, weight: weight * half }));
  });
}

function bendsOf(delays: readonly MeasuredDelay[], span: number, every: number): number[] {
  const last = delays.at(-1)?.seconds ?? 0;
  const both = span + every;
  return [0, Math.min(span, every), Math.max(span, every), both, both + last / 2, both + last];
}

/**
 * What compactions do to the pages of a view, one every so many seconds. A page is read and written by each
 * compaction that brings events of its span: while it fills, and as long as late ones come. Compactions stand
 * anywhere beside the spans, so what a page takes in its life is an integral over the age at which one meets it.
 */
export function rewritesOf(
  view: MeasuredView,
  arrivals: Arrivals,
  everySeconds: number,
): Rewrite[] {
  const { eventsPerSecond, delays } = arrivals;
  const { pageSeconds } = view;
  const bytesOf = pageBytesOf(view, arrivals);
  if (pageSeconds === null) {
    const bytes = bytesOf(allEvents);
    return [{ perSecond: 1 / everySeconds, before: bytes, after: bytes }];
  }
  const eventsBy = (age: number): number => eventsPerSecond * comeBy(delays, pageSeconds, age);
  const points = pointsOf(bendsOf(delays, pageSeconds, everySeconds));
  return points.flatMap(({ at, weight }): Rewrite[] => {
    const [before, after] = [eventsBy(at - everySeconds), eventsBy(at)];
    // Events come by chance: there may be none.
    const isMet = -Math.expm1(Math.min(0, before - after));
    const isNew = Math.exp(-before);
    const perSecond = (weight * isMet) / (pageSeconds * everySeconds);
    const bytes = bytesOf(after);
    return [
      { perSecond: perSecond * isNew, before: null, after: bytes },
      { perSecond: perSecond * (1 - isNew), before: bytesOf(before), after: bytes },
    ].filter((one) => one.perSecond > 0);
  });
}

/** Of a window that has all of them. */
const allEvents: number = Number.MAX_SAFE_INTEGER;

/** Rows of one view in the entry of a batch, which holds what comes in so many seconds. */
export function entryRowsOf(view: MeasuredView, arrivals: Arrivals, seconds: number): number {
  const { eventsPerSecond, delays } = arrivals;
  const { rowSeconds } = view;
  const curve = curveOf(view, arrivals);
  if (rowSeconds === null) return curve(eventsPerSecond * seconds);
  const points = pointsOf(bendsOf(delays, rowSeconds, seconds));
  return points.reduce((sum, { at, weight }) => {
    const come = comeBy(delays, rowSeconds, at) - comeBy(delays, rowSeconds, at - seconds);
    const rows = curve(eventsPerSecond * Math.max(0, come));
    return sum + (weight / rowSeconds) * rows;
  }, 0);
}

/** The mean size of the page that is being filled, and the size of one that is full. */
export function pageSizesOf(
  view: MeasuredView,
  arrivals: Arrivals,
): { readonly filling: number; readonly full: number } {
  const { pageSeconds } = view;
  const { eventsPerSecond, delays } = arrivals;
  const bytesOf = pageBytesOf(view, arrivals);
  if (pageSeconds === null) return { filling: bytesOf(allEvents), full: bytesOf(allEvents) };
  const filling = pointsOf([0, pageSeconds]).reduce((sum, { at, weight }) => {
    const events = eventsPerSecond * comeBy(delays, pageSeconds, at);
    return sum + (weight / pageSeconds) * bytesOf(events);
  }, 0);
  return { filling, full: bytesOf(eventsPerSecond * pageSeconds) };
}
