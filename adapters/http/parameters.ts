import type { Limits } from '../../core/limits.ts';
import type { ViewPlan } from '../../core/plan.ts';
import { type Format, formats, limited } from '../../core/query/format.ts';
import type { AnyQuery } from '../../core/query/query.ts';
import { problemsOf } from '../../core/query/selection.ts';
import { HttpProblem } from './problem.ts';

/** What a request asks of a view. */
export interface Asking {
  readonly query: AnyQuery;
  readonly format: Format;
  /** The token of the answer before; null for none. */
  readonly since: string | null;
}

/** The parameters that choose rows, beside those of the key. */
const selecting = ['from', 'to', 'grain', 'group', 'order', 'top', 'limit', 'since'];
const ofViews = [...selecting, 'cursor', 'format'];
const ofLive = ['view', ...selecting];

/**
 * What the URL parameters of `GET /v1/views/{view}` ask for, or those of `GET /v1/live`.
 *
 * @throws HttpProblem 400 that lists all that is wrong with them.
 */
export function askingOf(
  parameters: URLSearchParams,
  view: ViewPlan,
  limits: Limits,
  from: 'views' | 'live',
): Asking {
  const problems = unknownOf(parameters, view, from === 'views' ? ofViews : ofLive);
  const text = (name: string): string | null => parameters.get(name);
  const number = (name: 'limit' | 'top'): number | null => {
    const given = text(name);
    if (given === null) return null;
    if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
    problems.push(`${name}: must be a whole number from 1, not '${given}'`);
    return null;
  };
  const format = formats.find((one) => one === (text('format') ?? 'rows'));
  const [since, cursor] = [text('since'), text('cursor')];
  if (format === undefined) {
    problems.push(`format: must be one of ${formats.join(', ')}, not '${text('format')}'`);
  }
  if (since !== null && cursor !== null) problems.push('since and cursor: give only one of them');
  if (since !== null && format !== 'rows') problems.push('since: goes with format=rows alone');
  const query = {
    ...present({ from: text('from'), to: text('to'), orderBy: text('order'), cursor }),
    ...present({ grain: text('grain') }),
    ...present({ limit: number('limit'), top: number('top') }),
    ...(parameters.has('group') ? { group: groupOf(parameters) } : {}),
    key: partsOf(parameters, view, 'key'),
    prefix: partsOf(parameters, view, 'prefix'),
  } as AnyQuery;
  problems.push(
    ...problemsOf(limited(query, format ?? 'rows', limits), view, limits.answerRowsMax),
  );
  if (problems.length > 0 || format === undefined) {
    throw new HttpProblem(400, 'request', `${problems.join('; ')}.`, { problems });
  }
  return { query, format, since };
}

/** What is wrong with the names of parameters: unknown ones, and those given more than once. */
function unknownOf(
  parameters: URLSearchParams,
  view: ViewPlan,
  names: readonly string[],
): string[] {
  const all = [...names, ...view.key.flatMap((part) => [`key.${part}`, `prefix.${part}`])];
  const given = [...parameters.keys()];
  const problems: string[] = [];
  for (const name of new Set(given)) {
    if (!all.includes(name)) {
      problems.push(`there is no parameter '${name}'; there are ${all.join(', ')}`);
    } else if (name !== 'group' && given.indexOf(name) !== given.lastIndexOf(name)) {
      problems.push(`${name}: given more than once`);
    }
  }
  return problems;
}

/** `group=origin&group=dest`; `group=` alone for no part at all. */
function groupOf(parameters: URLSearchParams): string[] {
  const parts = parameters.getAll('group');
  return parts.length === 1 && parts[0] === '' ? [] : parts;
}

function partsOf(
  parameters: URLSearchParams,
  view: ViewPlan,
  kind: 'key' | 'prefix',
): Readonly<Record<string, string>> {
  const parts = view.key.flatMap((part) => {
    const value = parameters.get(`${kind}.${part}`);
    return value === null ? [] : [[part, value] as const];
  });
  return Object.fromEntries(parts);
}

function present(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
