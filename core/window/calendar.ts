import type { JsonObject } from '../event.ts';
import type { WindowPlan } from './window.ts';
import { dayMs, type Zone } from './zone.ts';

/** Days of a place, right across changes of its clocks: most have 24 hours, some 23 or 25. */
export interface Days {
  readonly kind: 'days';
  readonly zone: string;
}

/** Weeks of a place. */
export interface Weeks {
  readonly kind: 'weeks';
  readonly zone: string;
  readonly startsOn?: Weekday;
}

/** Months of a place. */
export interface Months {
  readonly kind: 'months';
  readonly zone: string;
}

/** The days of the week in order. */
export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

/** A day of the week. */
export type Weekday = (typeof weekdays)[number];

/** Calendar days in an IANA time zone such as `Europe/Berlin`. */
export function days(zone: string): Days {
  return { kind: 'days', zone };
}

/** Calendar weeks in an IANA time zone; they start on Monday unless `startsOn` names another day. */
export function weeks(zone: string, options: { readonly startsOn?: Weekday } = {}): Weeks {
  return { ...options, kind: 'weeks', zone };
}

/** Calendar months in an IANA time zone. */
export function months(zone: string): Months {
  return { kind: 'months', zone };
}

/** Days that make one window: [first, next). */
type Period = readonly [first: number, next: number];

/** One window, [start, end). */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place that moves over the date line may have a day of 48 hours. */
const longestShift = dayMs;
const daysOf = { days: 1, weeks: 7, months: 31 };
/** Days of UTC whose windows are remembered: more than the years of most inputs, and little memory. */
const rememberedMax = 8_192;

/** Calendar windows ready to run. To find a window takes a dozen calls of Intl, so those found are remembered. */
export class Calendar implements WindowPlan {
  readonly kind: 'days' | 'weeks' | 'months';
  readonly paneMax: number;
  readonly windowMax: number;
  readonly reach: number;
  readonly before = 0;
  readonly after = 0;
  /** Clocks change at whole seconds. */
  readonly unit = 1_000;
  readonly origin = 0;
  readonly grain: number;
  readonly shape: JsonObject;
  readonly json: WindowPlan['json'];
  readonly zone: Zone;
  private readonly weekStart: number;
  /** The window of the last instant asked for: most often that of the next one too. */
  private last: Span = { start: 0, end: 0 };
  /** Windows that hold an instant of a day of UTC. */
  private readonly remembered = new Map<number, Span[]>();

  constructor(kind: Calendar['kind'], zone: Zone, startsOn: Weekday = 'monday') {
    this.kind = kind;
    this.zone = zone;
    this.weekStart = weekdays.indexOf(startsOn);
    this.grain = daysOf[kind] * dayMs;
    this.windowMax = this.grain + longestShift;
    this.paneMax = this.windowMax;
    this.reach = this.windowMax;
    const week = kind === 'weeks' ? { startsOn } : {};
    this.shape = { [kind]: zone.name, ...week };
    this.json = { kind, zone: zone.name, ...week };
  }

  paneStart(time: number): number {
    const { last } = this;
    return time >= last.start && time < last.end ? last.start : this.spanAt(time).start;
  }

  paneEnd(start: number): number {
    const { last } = this;
    return start >= last.start && start < last.end ? last.end : this.spanAt(start).end;
  }

  deadline(_time: number, start: number): number {
    return this.paneEnd(start);
  }

  pageStart(time: number): number {
    return this.paneStart(time);
  }

  pageEnd(start: number): number {
    return this.paneEnd(start);
  }

  private spanAt(time: number): Span {
    const day = Math.floor(time / dayMs);
    const known = this.remembered.get(day) ?? [];
    let span = known.find(({ start, end }) => time >= start && time < end);
    if (span === undefined) {
      span = this.findSpan(time);
      if (this.remembered.size >= rememberedMax) this.remembered.clear();
      this.remembered.set(day, [...known, span]);
    }
    this.last = span;
    return span;
  }

  private findSpan(time: number): Span {
    let [first, next] = this.period(this.zone.dayAt(time));
    // A clock that was put back over midnight shows the day before again: the new day has begun all the same.
    while (time >= this.zone.startOfDay(next)) [first, next] = this.period(next);
    while (time < this.zone.startOfDay(first)) [first, next] = this.period(first - 1);
    return { start: this.zone.startOfDay(first), end: this.zone.startOfDay(next) };
  }

  /** The window that a local date is in, as local dates; all as days since 1970-01-01. */
  private period(day: number): Period {
    if (this.kind === 'days') return [day, day + 1];
    if (this.kind === 'weeks') {
      // 1970-01-01 was a Thursday, three days after a Monday.
      const first = Math.floor((day + 3 - this.weekStart) / 7) * 7 - 3 + this.weekStart;
      return [first, first + 7];
    }
    const first = firstOfMonth(day);
    return [first, firstOfMonth(first + 31)];
  }
}

function firstOfMonth(day: number): number {
  return day - new Date(day * dayMs).getUTCDate() + 1;
}
