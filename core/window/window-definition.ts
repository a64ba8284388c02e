import { parseDuration } from '../duration.ts';
import type { JsonObject } from '../event.ts';
import {
  Calendar,
  type Days,
  type Months,
  type Weekday,
  type Weeks,
  weekdays,
} from './calendar.ts';
import { type Global, globalPlan } from './global.ts';
import { type Hopping, hoppingPlan } from './hopping.ts';
import { longestDefault, type Session, SessionPlan } from './session.ts';
import { type Tumbling, tumblingPlan } from './tumbling.ts';
import type { WindowPlan } from './window.ts';
import { Zone } from './zone.ts';

/** The windows of a view, as a definition says them. */
export type Window = Tumbling | Hopping | Session | Days | Weeks | Months | Global;

type Wrong = (what: string) => void;

const optionsOf: Readonly<Record<Window['kind'], readonly string[]>> = {
  tumbling: ['size', 'offset'],
  hopping: ['size', 'slide', 'offset'],
  session: ['gap', 'longest'],
  days: ['zone'],
  weeks: ['zone', 'startsOn'],
  months: ['zone'],
  global: [],
};

/** Checks what a definition says of windows and makes the plan of them; tells `wrong` all that is. */
export function windowPlan(raw: unknown, wrong: Wrong): WindowPlan {
  const { kind, ...options } = (raw ?? {}) as JsonObject;
  if (typeof kind !== 'string' || !Object.hasOwn(optionsOf, kind)) {
    wrong(
      "window must be tumbling('…'), hopping({ … }), session({ … }), days('…'), weeks('…'), months('…') " +
        'or global()',
    );
    return tumblingPlan(1, 0);
  }
  const of = kind as Window['kind'];
  for (const option of Object.keys(options)) {
    if (!optionsOf[of].includes(option)) wrong(`'${option}' is not an option of ${kind} windows`);
  }
  if (of === 'global') return globalPlan;
  if (of === 'tumbling') {
    const size = lengthOf('window', options['size'], wrong);
    return tumblingPlan(size, offsetOf(options['offset'], 'size', size, wrong));
  }
  if (of === 'hopping') return hoppingOf(options, wrong);
  if (of === 'session') return sessionOf(options, wrong);
  return calendarOf(of, options, wrong);
}

function lengthOf(what: string, text: unknown, wrong: Wrong): number {
  const ms = parseDuration(text);
  if (ms === null || ms < 1) wrong(`${what} must be a duration over 0, not ${said(text)}`);
  return Math.max(1, ms ?? 1);
}

function offsetOf(text: unknown, below: 'size' | 'slide', most: number, wrong: Wrong): number {
  if (text === undefined) return 0;
  const ms = parseDuration(text);
  if (ms === null || ms >= most) {
    wrong(`offset must be a duration from 0s to below the ${below}, not ${said(text)}`);
  }
  return ms ?? 0;
}

function hoppingOf(options: JsonObject, wrong: Wrong): WindowPlan {
  const size = lengthOf('size of the window', options['size'], wrong);
  const slide = lengthOf('slide of the window', options['slide'], wrong);
  if (size % slide !== 0) {
    const parts = `${said(options['size'])} is none of ${said(options['slide'])}`;
    wrong(`the size of a hopping window must be a multiple of its slide; ${parts}`);
  }
  return hoppingPlan(size, slide, offsetOf(options['offset'], 'slide', slide, wrong));
}

function sessionOf(options: JsonObject, wrong: Wrong): WindowPlan {
  const gap = lengthOf('gap of the session', options['gap'], wrong);
  if (options['longest'] === undefined) return new SessionPlan(gap, longestDefault(gap));
  const longest = lengthOf('longest session', options['longest'], wrong);
  if (longest <= gap || longest % gap !== 0) {
    const parts = `${said(options['longest'])} is none of ${said(options['gap'])}`;
    wrong(`the longest session must be a multiple of its gap, and more than one; ${parts}`);
  }
  return new SessionPlan(gap, longest);
}

function calendarOf(kind: Calendar['kind'], options: JsonObject, wrong: Wrong): WindowPlan {
  const { zone, startsOn = 'monday' } = options;
  if (!(weekdays as readonly unknown[]).includes(startsOn)) {
    wrong(`startsOn must be a day of the week such as 'sunday', not ${said(startsOn)}`);
  }
  return new Calendar(kind, zoneOf(zone, wrong), startsOn as Weekday);
}

function zoneOf(name: unknown, wrong: Wrong): Zone {
  try {
    if (typeof name === 'string') return new Zone(name);
  } catch {
    // Told below, as is a name that is no text.
  }
  wrong(`the time zone must be an IANA name such as 'Europe/Berlin', not ${said(name)}`);
  return new Zone('UTC');
}

function said(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? 'nothing');
}
