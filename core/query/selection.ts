import { MillraceError } from '../errors.ts';
import { timeMax, timeMin } from '../event.ts';
import type { ViewPlan } from '../plan.ts';
import { parseRfc3339 } from '../schema/rfc3339.ts';
import { Calendar } from '../window/calendar.ts';
import { globalPlan } from '../window/global.ts';
import { dayMs } from '../window/zone.ts';
import { type Grain, grainOf } from './grain.ts';
import type { AnyQuery } from './reader.ts';
import type { Selection } from './select.ts';

const limitDefault = 100;

/** A selection, and of which windows. */
export interface Asked extends Selection {
  readonly grain: Grain;
}

/**
 * Checks a query.
 *
 * @throws MillraceError `request` that lists all that is wrong with it.
 */
export function selectionOf(query: AnyQuery, view: ViewPlan, limitMax: number): Asked {
  const problems: string[] = [];
  const time = (name: 'from' | 'to', otherwise: number): number => {
    const text = query[name];
    if (text === undefined) return otherwise;
    const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? midnight(text, view) : parseRfc3339(text);
    if (Number.isNaN(ms))
      problems.push(`${name}: '${text}' is no RFC 3339 time such as 2001-01-01T00:00:00Z`);
    return ms;
  };
  const from = time('from', timeMin);
  const to = time('to', timeMax);
  const limit = query.limit ?? limitDefault;
  if (view.window === globalPlan && (query.from ?? query.to) !== undefined) {
    problems.push(`the one window of '${view.name}' is all time: leave from and to out`);
  }
  const grain = grainOf(query.grain, view, { from, to }, problems);
  if (from >= to) problems.push('from must be before to');
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= limitMax)) {
    problems.push(`limit: must be 1 to ${limitMax}`);
  }
  if (problems.length > 0) throw new MillraceError('request', problems.join('; '), { problems });
  const key = Object.entries(query.key ?? {}).map(([part, value]) => [part, String(value)]);
  return {
    ...{ from, to, limit },
    key: Object.fromEntries(key),
    orderBy: query.orderBy ?? null,
    cursor: query.cursor ?? null,
    grain,
  };
}

/** The start of a date: in the time zone of the view's windows, if they have one, else in UTC. */
function midnight(date: string, { window }: ViewPlan): number {
  const ms = parseRfc3339(`${date}T00:00:00Z`);
  return window instanceof Calendar && !Number.isNaN(ms) ? window.zone.startOfDay(ms / dayMs) : ms;
}
