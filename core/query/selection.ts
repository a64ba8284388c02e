import { MillraceError } from '../errors.ts';
import { timeMax, timeMin } from '../event.ts';
import type { ViewPlan } from '../plan.ts';
import { parseRfc3339 } from '../schema/rfc3339.ts';
import { Calendar } from '../window/calendar.ts';
import { globalPlan } from '../window/global.ts';
import { dayMs } from '../window/zone.ts';
import { type Grain, grainOf } from './grain.ts';
import type { AnyQuery } from './query.ts';
import { noSuch, ordersOf, type Selection } from './select.ts';

const limitDefault = 100;

/** A query, checked. */
export interface Asked extends Selection {
  readonly grain: Grain;
  /** The key parts by which rows are merged; null leaves them as they are. */
  readonly group: readonly string[] | null;
}

/**
 * Checks a query.
 *
 * @throws MillraceError `request` that lists all that is wrong with it.
 */
export function selectionOf(query: AnyQuery, view: ViewPlan, limitMax: number): Asked {
  const { asked, problems } = check(query, view, limitMax);
  if (problems.length > 0) throw new MillraceError('request', problems.join('; '), { problems });
  return asked;
}

/** All that is wrong with a query, one sentence each. */
export function problemsOf(query: AnyQuery, view: ViewPlan, limitMax: number): readonly string[] {
  return check(query, view, limitMax).problems;
}

function check(
  query: AnyQuery,
  view: ViewPlan,
  limitMax: number,
): { readonly asked: Asked; readonly problems: readonly string[] } {
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
  const { key = {}, prefix = {}, group = null, orderBy = null, top = null, cursor = null } = query;
  for (const part of new Set([...Object.keys(key), ...Object.keys(prefix), ...(group ?? [])])) {
    if (!view.key.includes(part)) problems.push(noSuch('key part', part, view.key));
  }
  const measure = orderBy?.replace(/^-/, '') ?? null;
  const orders = ordersOf(view);
  if (measure !== null && !orders.includes(measure)) {
    problems.push(noSuch('measure', measure, orders));
  }
  if (top !== null && !(Number.isInteger(top) && top >= 1 && top <= limitMax)) {
    problems.push(`top: must be 1 to ${limitMax}`);
  }
  if (top !== null && orderBy === null) problems.push('top: needs an order');
  const asked: Asked = {
    ...{ from, to, limit, orderBy, top, cursor, grain },
    key: texts(key),
    prefix: texts(prefix),
    group: group === null ? null : view.key.filter((part) => group.includes(part)),
  };
  return { asked, problems };
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([part, value]) => [part, String(value)]));
}

/** The start of a date: in the time zone of the view's windows, if they have one, else in UTC. */
function midnight(date: string, { window }: ViewPlan): number {
  const ms = parseRfc3339(`${date}T00:00:00Z`);
  return window instanceof Calendar && !Number.isNaN(ms) ? window.zone.startOfDay(ms / dayMs) : ms;
}
